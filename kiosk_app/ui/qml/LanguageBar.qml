pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// Each language in its own name and script, and how the screen is wanted: on every screen, within reach.
Rectangle {
    id: bar

    readonly property bool isFrame: true
    required property var kiosk

    color: Tokens.paper
    height: rows.implicitHeight + Tokens.mm(12)
    objectName: "language"

    Rectangle {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        color: Tokens.line
        height: Tokens.mm(0.4)
    }

    Column {
        id: rows

        anchors.left: parent.left
        anchors.margins: Tokens.mm(10)
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.mm(4)

        Grid {
            id: modes

            columns: Tokens.large ? 2 : Math.max(1, bar.kiosk.switches.length)
            spacing: Tokens.mm(4)
            width: parent.width

            Repeater {
                model: bar.kiosk.switches

                TouchButton {
                    id: mode

                    required property var modelData

                    capMm: 4.8
                    isOn: modelData.on
                    isSwitch: true
                    objectName: "mode-" + modelData.mode
                    text: modelData.name
                    width: (modes.width - (modes.columns - 1) * Tokens.mm(4)) / modes.columns

                    onPressed: bar.kiosk.switchMode(mode.modelData.mode)
                }
            }
        }

        Grid {
            id: languages

            columns: Tokens.large ? 3 : Math.max(1, bar.kiosk.languages.length)
            spacing: Tokens.mm(4)
            width: parent.width

            Repeater {
                model: bar.kiosk.languages

                TouchButton {
                    id: choice

                    required property var modelData

                    capMm: 4.8
                    leastMm: 20
                    isOn: modelData.code === bar.kiosk.language
                    isSwitch: true
                    objectName: "language-" + modelData.code
                    spokenLanguage: modelData.code
                    text: modelData.name
                    width: (languages.width - (languages.columns - 1) * Tokens.mm(4)) / languages.columns

                    onPressed: bar.kiosk.chooseLanguage(choice.modelData.code)
                }
            }
        }
    }
}
