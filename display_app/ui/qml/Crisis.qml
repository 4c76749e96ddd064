import QtQuick
import Antesala

// An urgent message has the large place, one language after the other, each in its own direction.
Place {
    id: crisis

    required property var board

    readonly property real pad: Tokens.mm(crisis.board.sizes.margin)
    readonly property int side: crisis.board.crisis.mirrored ? Text.AlignRight : Text.AlignLeft

    LayoutMirroring.childrenInherit: true
    LayoutMirroring.enabled: false

    Rectangle {
        anchors.fill: parent
        color: Tokens.mark
        radius: Tokens.mm(8)
    }

    Glyph {
        id: glyph

        height: width
        ink: Tokens.alert
        kind: "alert"
        width: Tokens.mm(crisis.board.sizes.least * 2)
        x: crisis.board.crisis.mirrored ? crisis.width - width - crisis.pad : crisis.pad
        y: crisis.pad / 2
    }

    Sign {
        id: title

        anchors.verticalCenter: glyph.verticalCenter
        capMm: crisis.board.sizes.least
        color: Tokens.alert
        horizontalAlignment: crisis.side
        strong: true
        text: crisis.board.crisis.title
        width: crisis.width - glyph.width - 3 * crisis.pad
        x: crisis.board.crisis.mirrored ? crisis.pad : glyph.width + 2 * crisis.pad
    }

    Sign {
        capMm: crisis.board.sizes.side
        fontSizeMode: Text.Fit
        height: crisis.height - y - crisis.pad / 2
        horizontalAlignment: crisis.side
        minimumPixelSize: Tokens.cap(crisis.board.sizes.floor)
        objectName: "crisis"
        strong: true
        text: crisis.board.crisis.text
        verticalAlignment: Text.AlignVCenter
        width: crisis.width - 2 * crisis.pad
        x: crisis.pad
        y: glyph.y + glyph.height
    }
}
