import QtQuick

// A device's name over its whole screen, for whoever looks for it in the hall. Blinks once a second: WCAG 2.3.1 allows three.
Item {
    id: root

    required property string name
    readonly property real span: Math.min(width, height)

    anchors.fill: parent
    z: 1000

    Accessible.ignored: true

    Rectangle {
        id: frame

        anchors.fill: parent
        border.color: Tokens.nightMark
        border.width: root.span * 0.04
        color: "transparent"

        Timer {
            interval: 500
            repeat: true
            running: true

            onTriggered: frame.visible = !frame.visible
        }
    }

    Rectangle {
        anchors.centerIn: parent
        color: Tokens.night
        height: label.height * 1.2
        radius: root.span * 0.02
        width: label.width + root.span * 0.2

        Text {
            id: label

            anchors.centerIn: parent
            color: Tokens.nightMark
            font.family: Tokens.family
            font.pixelSize: root.span * 0.3
            font.weight: Font.Bold
            text: root.name

            Accessible.ignored: true
        }
    }
}
