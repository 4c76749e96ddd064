pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// Each language in its own name and script, on every screen.
Rectangle {
    id: bar

    required property var kiosk

    color: Tokens.paper
    height: Tokens.mm(32)
    objectName: "language"

    Rectangle {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        color: Tokens.line
        height: Tokens.mm(0.4)
    }

    Row {
        anchors.centerIn: parent
        spacing: Tokens.mm(4)

        Repeater {
            model: bar.kiosk.languages

            TouchButton {
                id: choice

                required property var modelData

                capMm: 4.8
                height: Tokens.mm(20)
                objectName: "language-" + modelData.code
                primary: modelData.code === bar.kiosk.language
                text: modelData.name
                width: (bar.width - Tokens.mm(28) - 4 * Tokens.mm(4)) / 5

                onPressed: bar.kiosk.chooseLanguage(choice.modelData.code)
            }
        }
    }
}
