import QtQuick
import Antesala

// A call that stands large: its number, and the counter that it is asked to. The newest says so.
Place {
    id: tile

    required property var board
    required property var call
    required property bool isNewest
    required property int number

    readonly property real pad: Tokens.mm(tile.call.callMm / 5)
    readonly property real head: caption.visible ? caption.height + tile.pad / 4 : 0

    objectName: "tile-" + tile.number

    Rectangle {
        anchors.fill: parent
        border.color: tile.isNewest ? Tokens.nightMark : Tokens.nightLine
        border.width: Tokens.mm(tile.isNewest ? 4 : 1)
        color: "#12324a"
        radius: Tokens.mm(8)
    }

    Sign {
        id: caption

        anchors.horizontalCenter: parent.horizontalCenter
        anchors.top: parent.top
        anchors.topMargin: tile.pad / 4
        capMm: tile.board.sizes.least
        color: Tokens.nightMark
        strong: true
        text: tile.board.t.now_calling
        visible: tile.isNewest
    }

    Sign {
        id: called

        capMm: tile.call.callMm
        color: Tokens.nightInk
        fontSizeMode: Text.Fit
        height: tile.call.inRows ? tile.height - tile.head - tile.pad / 2 : tile.height - tile.head - counter.height - tile.pad / 2
        horizontalAlignment: Text.AlignHCenter
        minimumPixelSize: Tokens.cap(tile.call.sideMm)
        objectName: tile.isNewest ? "called" : "called-" + tile.number
        strong: true
        text: tile.call.labels.join(tile.call.inRows ? "  " : "\n")
        verticalAlignment: Text.AlignVCenter
        width: tile.call.inRows ? tile.width - counter.width - 3 * tile.pad : tile.width - 2 * tile.pad
        wrapMode: Text.NoWrap
        x: tile.board.mirrored && tile.call.inRows ? tile.width - width - tile.pad : tile.pad
        y: tile.head
    }

    Item {
        id: counter

        height: Tokens.mm(tile.call.sideMm * 1.91)
        width: name.width + (arrow.visible ? arrow.width + tile.pad / 2 : 0)
        x: tile.call.inRows ? (tile.board.mirrored ? tile.pad : tile.width - width - tile.pad) : (tile.width - width) / 2
        y: tile.call.inRows ? tile.head + (tile.height - tile.head - height) / 2 : tile.height - height - tile.pad / 2

        Sign {
            id: name

            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
            capMm: tile.call.sideMm
            color: Tokens.nightInk
            objectName: tile.isNewest ? "called-counter" : "called-counter-" + tile.number
            strong: true
            text: tile.board.t.counter + " " + tile.call.counter
            wrapMode: Text.NoWrap
        }

        Arrow {
            id: arrow

            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            degrees: tile.call.arrow
            height: width
            ink: Tokens.nightMark
            visible: tile.call.arrow >= 0
            width: Tokens.mm(tile.call.sideMm * 1.3)
        }
    }
}
