import QtQuick
import Antesala

Rectangle {
    id: header

    required property var kiosk

    color: Tokens.deep
    height: Tokens.mm(26)

    Label {
        anchors.left: parent.left
        anchors.leftMargin: Tokens.mm(14)
        anchors.right: time.left
        anchors.verticalCenter: parent.verticalCenter
        capMm: 5.2
        color: Tokens.deepInk
        strong: true
        text: header.kiosk.office
    }

    Label {
        id: time

        anchors.right: parent.right
        anchors.rightMargin: Tokens.mm(14)
        anchors.verticalCenter: parent.verticalCenter
        capMm: 5.2
        color: Tokens.deepInk
        text: header.kiosk.clock
    }
}
