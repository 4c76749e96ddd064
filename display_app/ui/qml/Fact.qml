import QtQuick
import Antesala

// A figure with the picture of what it counts.
Item {
    id: fact

    required property real capMm
    required property real floorMm
    required property string kind
    required property string text

    Glyph {
        id: glyph

        anchors.left: parent.left
        anchors.verticalCenter: parent.verticalCenter
        height: width
        ink: Tokens.nightSoft
        kind: fact.kind
        width: Tokens.mm(fact.capMm * 1.2)
    }

    Sign {
        anchors.left: glyph.right
        anchors.leftMargin: Tokens.mm(fact.capMm * 0.3)
        anchors.right: parent.right
        capMm: fact.capMm
        color: Tokens.nightInk
        fontSizeMode: Text.HorizontalFit
        height: parent.height
        minimumPixelSize: Tokens.cap(fact.floorMm)
        strong: true
        text: fact.text
        verticalAlignment: Text.AlignVCenter
        wrapMode: Text.NoWrap
    }
}
