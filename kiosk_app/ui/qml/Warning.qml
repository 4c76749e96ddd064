import QtQuick
import Antesala

Rectangle {
    id: cover

    required property var kiosk

    color: "#e6141f2b"

    Accessible.name: cover.kiosk.t.warning_title
    Accessible.role: Accessible.Dialog

    MouseArea {
        anchors.fill: parent

        onClicked: cover.kiosk.stillHere()
    }

    Rectangle {
        anchors.centerIn: parent
        color: Tokens.paper
        height: words.implicitHeight + Tokens.mm(32)
        radius: Tokens.mm(5)
        width: parent.width - Tokens.mm(36)

        Column {
            id: words

            anchors.left: parent.left
            anchors.margins: Tokens.mm(16)
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            spacing: Tokens.mm(9)

            Label {
                capMm: 10
                strong: true
                text: cover.kiosk.t.warning_title
                width: parent.width
            }

            Label {
                capMm: 6.5
                text: cover.kiosk.t.warning_text
                width: parent.width
            }

            TouchButton {
                capMm: 7
                leastMm: 32
                objectName: "still-here"
                primary: true
                text: cover.kiosk.t.still_here
                width: parent.width

                onPressed: cover.kiosk.stillHere()
            }
        }
    }
}
