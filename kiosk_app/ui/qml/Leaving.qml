import QtQuick
import Antesala

Item {
    id: page

    required property var kiosk

    Column {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.gap(12)

        Label {
            capMm: Tokens.heading(10.5)
            strong: true
            text: page.kiosk.t.leaving_title
            width: parent.width
        }

        Label {
            capMm: Tokens.heading(18)
            objectName: "label"
            spoken: page.kiosk.leavingSpoken
            strong: true
            text: page.kiosk.leaving
            width: parent.width
        }

        Label {
            capMm: 7
            text: page.kiosk.t.leaving_text
            width: parent.width
        }

        Row {
            spacing: Tokens.mm(6)
            width: parent.width

            TouchButton {
                leastMm: 30 * Tokens.ease
                objectName: "back"
                primary: true
                text: page.kiosk.t.stay
                width: (parent.width - parent.spacing) / 2

                onPressed: page.kiosk.back()
            }

            TouchButton {
                leastMm: 30 * Tokens.ease
                objectName: "leave-now"
                text: page.kiosk.t.leave_now
                width: (parent.width - parent.spacing) / 2

                onPressed: page.kiosk.leaveQueue()
            }
        }
    }
}
