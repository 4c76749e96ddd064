import QtQuick
import Antesala

// One line at the bottom: no news, a message, or a wait. It stands still until the next one takes its place.
Place {
    id: strip

    required property var board

    readonly property bool isLoud: strip.board.strip.kind === "alert"

    objectName: "notice"
    visible: strip.board.strip.text.length > 0

    LayoutMirroring.childrenInherit: true
    LayoutMirroring.enabled: strip.board.strip.mirrored

    Rectangle {
        anchors.fill: parent
        // the picture moves a little over the hours: no gap at the edges
        anchors.margins: -Tokens.mm(3)
        anchors.topMargin: 0
        color: strip.isLoud ? Tokens.mark : "#12324a"
    }

    Glyph {
        id: glyph

        anchors.left: parent.left
        anchors.leftMargin: Tokens.mm(strip.board.sizes.margin)
        anchors.verticalCenter: parent.verticalCenter
        height: width
        ink: strip.isLoud ? Tokens.alert : Tokens.nightMark
        kind: strip.board.strip.kind
        width: Tokens.mm(strip.board.sizes.least * 1.6)
    }

    Sign {
        anchors.left: glyph.right
        anchors.leftMargin: Tokens.mm(strip.board.sizes.margin / 2)
        anchors.right: parent.right
        anchors.rightMargin: Tokens.mm(strip.board.sizes.margin)
        anchors.verticalCenter: parent.verticalCenter
        capMm: strip.board.sizes.least
        color: strip.isLoud ? Tokens.ink : Tokens.nightInk
        fontSizeMode: Text.Fit
        height: parent.height
        minimumPixelSize: Tokens.cap(strip.board.sizes.floor)
        objectName: "strip"
        strong: true
        text: strip.board.strip.text
        verticalAlignment: Text.AlignVCenter
    }
}
