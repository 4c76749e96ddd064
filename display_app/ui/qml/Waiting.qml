pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// While nobody is called: what will happen, and by letter what it stands for, how many wait, and how long.
Place {
    id: waiting

    required property var board

    readonly property bool hasTable: waiting.board.stage === "waits"
    readonly property real capMm: waiting.board.table.cap
    readonly property real pad: Tokens.mm(waiting.board.sizes.margin)
    readonly property bool inTwoLines: waiting.board.table.lines === 2
    readonly property real letterWidth: Tokens.mm(capMm * 2)
    readonly property real numberWidth: Tokens.mm(capMm * 4.4)
    readonly property real waitWidth: Tokens.mm(capMm * 10.6)

    Rectangle {
        anchors.fill: parent
        border.color: Tokens.nightLine
        border.width: Tokens.mm(1)
        color: "transparent"
        radius: Tokens.mm(8)
    }

    Sign {
        anchors.left: parent.left
        anchors.margins: waiting.pad
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        capMm: waiting.board.sizes.side
        color: Tokens.nightSoft
        fontSizeMode: Text.Fit
        height: parent.height - 2 * waiting.pad
        horizontalAlignment: Text.AlignHCenter
        minimumPixelSize: Tokens.cap(waiting.board.sizes.least)
        text: waiting.board.t.please_wait
        verticalAlignment: Text.AlignVCenter
        visible: !waiting.hasTable
    }

    Column {
        id: rows

        anchors.fill: parent
        anchors.leftMargin: waiting.pad
        anchors.margins: waiting.pad / 2
        anchors.rightMargin: waiting.pad
        visible: waiting.hasTable

        Repeater {
            model: waiting.board.waits

            Item {
                id: row

                required property var modelData
                required property int index

                readonly property real line: Tokens.mm(waiting.capMm * 1.92)

                height: rows.height / Math.max(1, waiting.board.waits.length)
                objectName: "wait-" + row.index
                width: rows.width

                Rectangle {
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.top: parent.top
                    color: Tokens.nightLine
                    height: Tokens.mm(1)
                    visible: row.index > 0
                }

                Item {
                    anchors.verticalCenter: parent.verticalCenter
                    height: row.line * (waiting.inTwoLines ? 2 : 1)
                    width: parent.width

                    Sign {
                        id: letter

                        anchors.left: parent.left
                        capMm: waiting.capMm
                        color: Tokens.nightMark
                        height: row.line
                        strong: true
                        text: "\u2066" + row.modelData.letter + "\u2069"
                        width: waiting.letterWidth
                    }

                    Sign {
                        anchors.left: letter.right
                        anchors.right: waiting.inTwoLines ? parent.right : facts.left
                        capMm: waiting.capMm
                        color: Tokens.nightInk
                        elide: Text.ElideRight
                        height: row.line
                        maximumLineCount: 1
                        objectName: "meaning-" + row.index
                        text: row.modelData.meaning
                        wrapMode: Text.NoWrap
                    }

                    Row {
                        id: facts

                        anchors.bottom: parent.bottom
                        anchors.right: parent.right
                        height: row.line

                        Fact {
                            capMm: waiting.capMm
                            floorMm: waiting.board.sizes.floor
                            height: row.line
                            kind: "person"
                            text: row.modelData.waiting
                            width: waiting.numberWidth
                        }

                        Fact {
                            capMm: waiting.capMm
                            floorMm: waiting.board.sizes.floor
                            height: row.line
                            kind: "clock"
                            text: row.modelData.wait
                            width: waiting.waitWidth
                        }
                    }
                }
            }
        }
    }
}
