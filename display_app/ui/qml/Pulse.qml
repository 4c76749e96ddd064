import QtQuick
import Antesala

// A ring around the newest call that glows thrice, at one a second. Source: WCAG 2.2, 2.3.1 allows three flashes a second.
Place {
    id: pulse

    required property var board

    property string seen: ""

    Rectangle {
        id: ring

        anchors.fill: parent
        border.color: Tokens.nightMark
        border.width: Math.min(Tokens.mm(16), parent.height / 12)
        color: "transparent"
        opacity: 0
        radius: Tokens.mm(8)
        visible: opacity > 0
    }

    SequentialAnimation {
        id: attention

        loops: 3

        NumberAnimation {
            duration: 300
            from: 0
            property: "opacity"
            target: ring
            to: 1
        }

        NumberAnimation {
            duration: 700
            property: "opacity"
            target: ring
            to: 0
        }
    }

    Connections {
        function onChanged(): void {
            const newest = pulse.board.newest;
            if (newest === pulse.seen)
                return;
            pulse.seen = newest;
            attention.stop();
            ring.opacity = 0;
            if (newest !== "" && !pulse.board.still)
                attention.start();
        }

        target: pulse.board
    }
}
