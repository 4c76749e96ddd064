import QtQuick
import Antesala

// A message of the office to everybody. By a sign, a frame and its place, not by its colour alone.
Rectangle {
    id: box

    required property string text

    border.color: Tokens.alert
    border.width: Tokens.mm(1.2)
    color: Tokens.paper
    height: visible ? Math.max(sign.height, words.implicitHeight) + Tokens.gap(14) : 0
    radius: Tokens.mm(5)
    visible: text.length > 0

    Glyph {
        id: sign

        anchors.left: parent.left
        anchors.leftMargin: Tokens.gap(8)
        anchors.verticalCenter: parent.verticalCenter
        height: Tokens.gap(18)
        ink: Tokens.alert
        kind: "alert"
        width: height
    }

    Label {
        id: words

        anchors.left: sign.right
        anchors.leftMargin: Tokens.gap(8)
        anchors.right: parent.right
        anchors.rightMargin: Tokens.gap(8)
        anchors.verticalCenter: parent.verticalCenter
        capMm: 7
        objectName: "notice"
        strong: true
        text: box.text
    }
}
