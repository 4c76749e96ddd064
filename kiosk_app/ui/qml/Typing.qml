pragma ComponentBehavior: Bound

import QtQuick
import Antesala

Item {
    id: page

    required property var kiosk

    Column {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.gap(8)

        Label {
            capMm: Tokens.heading(9)
            strong: true
            text: page.kiosk.typing.title ?? ""
            width: parent.width
        }

        Label {
            capMm: 6
            color: page.kiosk.typing.wrong ? Tokens.alert : Tokens.ink
            objectName: "typing-hint"
            strong: page.kiosk.typing.wrong ?? false
            text: page.kiosk.typing.hint ?? ""
            width: parent.width
        }

        Label {
            capMm: Tokens.heading(13)
            font.letterSpacing: Tokens.mm(2)
            horizontalAlignment: Text.AlignHCenter
            mask: page.kiosk.typing.mask ?? ""
            objectName: "typed"
            personal: true
            spoken: page.kiosk.typing.spoken ?? ""
            strong: true
            text: page.kiosk.typing.text ?? ""
            width: parent.width
        }

        Grid {
            id: keys

            readonly property real each: (width - (columns - 1) * spacing) / columns

            columns: Math.max(1, Math.floor((width + spacing) / (Tokens.mm(20) + spacing)))
            layoutDirection: Qt.LeftToRight
            spacing: Tokens.mm(3.2)
            width: parent.width

            LayoutMirroring.childrenInherit: true
            LayoutMirroring.enabled: false

            Repeater {
                model: page.kiosk.codeKeys

                TouchButton {
                    id: key

                    required property string modelData

                    capMm: 6.5
                    mask: page.kiosk.t.a_key
                    objectName: "key-" + key.modelData
                    personal: page.kiosk.typing.who ?? false
                    sideMm: 1
                    text: key.modelData
                    width: keys.each

                    onPressed: page.kiosk.typeKey(key.modelData)
                }
            }
        }

        TouchButton {
            leastMm: 20
            objectName: "no-code"
            sideMm: 2
            text: page.kiosk.t.no_code
            visible: page.kiosk.typing.noCode ?? false
            width: parent.width

            onPressed: page.kiosk.askWho()
        }

        Row {
            id: ends

            readonly property real each: (width - 2 * spacing) / 3

            spacing: Tokens.mm(4)
            width: parent.width

            TouchButton {
                objectName: "back"
                sideMm: 2
                text: page.kiosk.t.back
                width: ends.each

                onPressed: page.kiosk.back()
            }

            TouchButton {
                objectName: "erase"
                sideMm: 2
                text: page.kiosk.t.erase
                width: ends.each

                onPressed: page.kiosk.typeKey("")
            }

            TouchButton {
                objectName: "enter"
                primary: true
                sideMm: 2
                text: page.kiosk.t.enter
                width: ends.each

                onPressed: page.kiosk.enterCode()
            }
        }
    }
}
