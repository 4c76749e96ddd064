import QtQuick

// A device's name over its whole screen, for whoever looks for it in the hall. Blinks once a second: WCAG 2.3.1 allows three.
Item {
    id: root

    required property string name

    anchors.fill: parent
    z: 1000

    Accessible.ignored: true

    Rectangle {
        id: frame

        anchors.fill: parent
        border.color: Tokens.deep
        border.width: Tokens.mm(12)
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
        color: Tokens.ground
        height: label.height + Tokens.mm(20)
        radius: Tokens.mm(4)
        width: Math.min(root.width, label.implicitWidth + Tokens.mm(40))

        Text {
            id: label

            anchors.centerIn: parent
            color: Tokens.ink
            font.family: Tokens.family
            font.pixelSize: Tokens.cap(20)
            font.weight: Font.Bold
            text: root.name

            Accessible.ignored: true
        }
    }
}
