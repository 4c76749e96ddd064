import QtQuick
import Antesala

Rectangle {
    id: header

    readonly property bool isFrame: true
    required property var kiosk

    color: Tokens.deep
    height: !visible ? 0 : Math.max(Tokens.mm(26), office.implicitHeight + Tokens.mm(12))

    Label {
        id: office

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
