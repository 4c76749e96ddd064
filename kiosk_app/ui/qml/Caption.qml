import QtQuick
import Antesala

// What the voice says, for those who see it and do not hear.
Rectangle {
    id: caption

    required property var kiosk

    Accessible.ignored: true
    color: Tokens.deep
    height: words.visible ? words.implicitHeight + Tokens.mm(8) : 0
    objectName: "caption"

    Label {
        id: words

        Accessible.ignored: true
        anchors.left: parent.left
        anchors.margins: Tokens.mm(14)
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        capMm: 4.8
        color: Tokens.deepInk
        text: caption.kiosk.caption
    }
}
