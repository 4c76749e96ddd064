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
            capMm: 6.5
            color: Tokens.soft
            text: page.kiosk.t.confirm_title
            width: parent.width
        }

        Label {
            capMm: Tokens.heading(12)
            strong: true
            text: page.kiosk.chosen.name ?? ""
            width: parent.width
        }

        Label {
            capMm: 6.5
            text: page.kiosk.chosen.waiting ?? ""
            width: parent.width
        }

        Label {
            capMm: 6.5
            text: page.kiosk.chosen.wait ?? ""
            width: parent.width
        }

        Item {
            height: Tokens.gap(8)
            width: 1
        }

        TouchButton {
            capMm: 8
            leastMm: 38 * Tokens.ease
            objectName: "confirm"
            primary: true
            text: page.kiosk.t.take_ticket
            width: parent.width

            onPressed: page.kiosk.confirm()
        }

        TouchButton {
            anchors.left: parent.left
            leastMm: 24 * Tokens.ease
            objectName: "back"
            text: page.kiosk.t.back
            width: Tokens.mm(80)

            onPressed: page.kiosk.back()
        }
    }
}
