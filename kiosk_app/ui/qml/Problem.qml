import QtQuick
import Antesala

Item {
    id: page

    required property var kiosk
    readonly property var problem: page.kiosk.problem

    Column {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.gap(12)

        Glyph {
            anchors.left: parent.left
            height: Tokens.gap(34)
            kind: page.problem.kind === "too_early" || page.problem.kind === "closed" || page.problem.kind === "unchecked" ? "clock" : "info"
            width: height
        }

        Label {
            capMm: Tokens.heading(10.5)
            objectName: "problem-title"
            strong: true
            text: page.problem.title ?? ""
            width: parent.width
        }

        Label {
            capMm: 7
            personal: page.problem.personal ?? false
            text: page.problem.cause ?? ""
            width: parent.width
        }

        Label {
            capMm: 7
            text: page.problem.next ?? ""
            width: parent.width
        }

        Item {
            height: Tokens.gap(6)
            width: 1
        }

        TouchButton {
            icon: "clock"
            leastMm: 26 * Tokens.ease
            objectName: "book-time"
            text: page.kiosk.t.book_time
            visible: page.problem.slots ?? false
            width: parent.width

            onPressed: page.kiosk.askSlots()
        }

        TouchButton {
            leastMm: 30 * Tokens.ease
            objectName: "done"
            primary: true
            text: page.kiosk.t.finish
            width: parent.width

            onPressed: page.kiosk.done()
        }
    }
}
