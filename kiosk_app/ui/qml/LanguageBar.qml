pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// How the screen is wanted, and in which language: on every screen, within reach.
Rectangle {
    id: bar

    // One button for all languages, where there is no room for one each.
    property bool compact: false
    // With help among them, where large words leave no room for that either.
    readonly property bool helpInside: bar.compact && (Tokens.large || bar.kiosk.switches.length > 2)
    readonly property bool isFrame: true
    required property var kiosk

    signal languagesAsked

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

            readonly property int buttons: bar.kiosk.switches.length + (bar.helpInside ? 0 : 1) + (bar.compact ? 1 : 0)
            readonly property real each: (width - (columns - 1) * Tokens.mm(4)) / columns

            columns: Tokens.large || width < buttons * Tokens.mm(buttons > 3 ? 62 : 55) ? 2 : buttons
            spacing: Tokens.mm(4)
            width: parent.width

            Repeater {
                // by number: a switch that is pressed stays the same button
                model: bar.kiosk.switches.length

                TouchButton {
                    id: mode

                    required property int index
                    readonly property var what: bar.kiosk.switches[mode.index] ?? ({})

                    capMm: 4.8
                    isOn: mode.what.on ?? false
                    isSwitch: true
                    objectName: "mode-" + mode.what.mode
                    sideMm: 2
                    text: mode.what.name ?? ""
                    width: modes.each

                    onPressed: bar.kiosk.switchMode(mode.what.mode)
                }
            }

            TouchButton {
                capMm: 4.8
                objectName: "help"
                sideMm: 2
                text: bar.kiosk.t.help
                visible: bar.kiosk.page !== "maintaining" && !bar.helpInside
                width: modes.each

                onPressed: bar.kiosk.askHelp()
            }

            TouchButton {
                capMm: 4.8
                objectName: "languages"
                sideMm: 2
                text: bar.helpInside ? bar.kiosk.t.language_and_help : bar.kiosk.t.language
                visible: bar.compact
                width: modes.each

                onPressed: bar.languagesAsked()
            }
        }

        LanguageButtons {
            columns: Tokens.large || width < bar.kiosk.languages.length * Tokens.mm(40) ? 3 : Math.max(1, bar.kiosk.languages.length)
            kiosk: bar.kiosk
            visible: !bar.compact
            width: parent.width
        }
    }
}
