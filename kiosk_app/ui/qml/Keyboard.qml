pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// Letters of the citizen's language: as on its keyboards where they fit in 20 mm keys, else in their own order.
Column {
    id: keyboard

    readonly property int fit: Math.max(1, Math.floor((width + gap) / (Tokens.mm(20) + gap)))
    readonly property real gap: Tokens.mm(3.2)
    readonly property real each: (width + gap) / Math.min(longest, fit) - gap
    // The last row has a place for the space.
    readonly property bool hasRoom: shown[shown.length - 1].length + 3 <= Math.min(longest, fit)
    readonly property int longest: Math.max(1, ...rows.map(row => row.length))
    // Each row's letters, in one text.
    required property list<string> rows
    readonly property var shown: longest <= fit ? rows.map(row => row.split("")) : inOrder()
    required property string space

    signal typed(string character)

    spacing: gap

    function inOrder(): list<var> {
        const letters = rows.join("").split("").sort((one, other) => one.localeCompare(other));
        const found = [];
        for (let at = 0; at < letters.length; at += fit)
            found.push(letters.slice(at, at + fit));
        return found;
    }

    Repeater {
        model: keyboard.shown

        Row {
            id: row

            required property int index
            readonly property bool isLast: index === keyboard.shown.length - 1
            required property var modelData

            anchors.horizontalCenter: parent?.horizontalCenter
            spacing: keyboard.gap

            Repeater {
                model: row.modelData

                TouchButton {
                    id: key

                    required property string modelData

                    capMm: 6.5
                    objectName: "key-" + key.modelData
                    sideMm: 1
                    text: key.modelData.toUpperCase()
                    width: keyboard.each

                    onPressed: keyboard.typed(key.modelData)
                }
            }

            Loader {
                active: row.isLast && keyboard.hasRoom
                sourceComponent: spaceKey
                visible: active
            }
        }
    }

    Loader {
        active: !keyboard.hasRoom
        anchors.horizontalCenter: parent?.horizontalCenter
        sourceComponent: spaceKey
        visible: active
    }

    Component {
        id: spaceKey

        TouchButton {
            objectName: "key-space"
            sideMm: 1
            text: keyboard.space
            width: 3 * keyboard.each + 2 * keyboard.gap

            onPressed: keyboard.typed(" ")
        }
    }
}
