import QtQuick
import Antesala

Item {
    id: page

    required property var kiosk

    Column {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.gap(14)

        Glyph {
            height: Tokens.gap(34)
            kind: "check"
            width: height
        }

        Label {
            capMm: Tokens.heading(12)
            strong: true
            text: page.kiosk.t.thanks
            width: parent.width
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
