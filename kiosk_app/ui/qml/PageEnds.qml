import QtQuick
import Antesala

// The way back, and the buttons that turn the pages where there are several.
Grid {
    id: ends

    required property string backName
    required property string backText
    property real each: Math.min(most, (width - (columns - 1) * spacing) / columns)
    required property var kiosk
    property real most: Tokens.mm(80)
    required property Paged paged
    property bool turns: paged.isLong

    signal wentBack

    columns: 3
    spacing: Tokens.mm(4)

    TouchButton {
        leastMm: 24 * Tokens.ease
        objectName: ends.backName
        sideMm: 2
        text: ends.backText
        width: ends.each

        onPressed: ends.wentBack()
    }

    TouchButton {
        leastMm: 24 * Tokens.ease
        objectName: "fewer"
        sideMm: 2
        text: ends.kiosk.t.fewer
        visible: ends.turns
        width: ends.each

        onPressed: ends.paged.turnBack()
    }

    TouchButton {
        leastMm: 24 * Tokens.ease
        objectName: "more"
        primary: true
        sideMm: 2
        text: ends.kiosk.t.more
        visible: ends.turns
        width: ends.each

        onPressed: ends.paged.turnOn()
    }
}
