pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// The calls before the large ones, the newest on top.
Place {
    id: history

    required property var board

    Item {
        id: heading

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        height: Tokens.mm(history.board.sizes.least * 1.91)
        visible: history.board.listed.length > 0

        Sign {
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
            capMm: history.board.sizes.least
            color: Tokens.nightSoft
            text: history.board.t.ticket
        }

        Sign {
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            capMm: history.board.sizes.least
            color: Tokens.nightSoft
            horizontalAlignment: Text.AlignRight
            text: history.board.t.counter
        }
    }

    Repeater {
        model: history.board.listed

        Item {
            id: row

            required property var modelData
            required property int index

            height: (history.height - heading.height) / history.board.rows
            objectName: "listed-" + row.index
            width: history.width
            y: heading.height + row.index * height

            Rectangle {
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.top: parent.top
                color: Tokens.nightLine
                height: Tokens.mm(1)
            }

            Sign {
                anchors.left: parent.left
                anchors.right: counter.left
                anchors.verticalCenter: parent.verticalCenter
                capMm: history.board.sizes.side
                color: Tokens.nightInk
                fontSizeMode: Text.Fit
                height: parent.height
                horizontalAlignment: Text.AlignLeft
                minimumPixelSize: Tokens.cap(history.board.sizes.least)
                strong: true
                text: row.modelData.labels[0]
                verticalAlignment: Text.AlignVCenter
                wrapMode: Text.NoWrap
            }

            Sign {
                id: counter

                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                capMm: history.board.sizes.side
                color: Tokens.nightInk
                fontSizeMode: Text.HorizontalFit
                horizontalAlignment: Text.AlignRight
                minimumPixelSize: Tokens.cap(history.board.sizes.least)
                text: row.modelData.counter
                width: Tokens.mm(history.board.sizes.side * 2.8)
                wrapMode: Text.NoWrap
            }
        }
    }
}
