pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Window
import Antesala

Window {
    id: root

    required property var board
    required property real pitchMm

    readonly property real callMm: root.board.callMm
    readonly property real sideMm: root.board.sideMm

    color: Tokens.night
    title: root.board.office

    Component.onCompleted: Tokens.pitchMm = root.pitchMm

    Item {
        id: screen

        property string mark: root.board.stateName + " " + root.board.shownLabels
        property string stateName: root.board.stateName

        anchors.fill: parent
        objectName: "screen"

        LayoutMirroring.childrenInherit: true
        LayoutMirroring.enabled: root.board.mirrored

        Item {
            id: header

            anchors.left: parent.left
            anchors.leftMargin: Tokens.mm(24)
            anchors.right: parent.right
            anchors.rightMargin: Tokens.mm(24)
            anchors.top: parent.top
            height: parent.height * 0.13

            Label {
                anchors.left: parent.left
                anchors.right: time.left
                anchors.verticalCenter: parent.verticalCenter
                capMm: Math.max(18, root.board.viewingMm / 250)
                color: Tokens.nightSoft
                elide: Text.ElideRight
                maximumLineCount: 1
                text: root.board.office
                wrapMode: Text.NoWrap
            }

            Label {
                id: time

                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                capMm: Math.max(22, root.board.viewingMm / 250)
                color: Tokens.nightInk
                text: root.board.clock
            }
        }

        Rectangle {
            id: stage

            anchors.left: parent.left
            anchors.right: list.left
            anchors.top: header.bottom
            anchors.bottom: notice.visible ? notice.top : parent.bottom
            anchors.margins: Tokens.mm(24)
            anchors.topMargin: 0
            color: root.board.large.label ? "#12324a" : "transparent"
            border.color: root.board.large.label ? Tokens.nightMark : Tokens.nightLine
            border.width: Tokens.mm(root.board.large.label ? 4 : 1)
            radius: Tokens.mm(12)

            Column {
                anchors.left: parent.left
                anchors.margins: Tokens.mm(20)
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                spacing: Math.max(0, (stage.height - caption.height - called.height - counter.height) / 4)
                visible: root.board.large.label !== undefined

                Label {
                    id: caption

                    capMm: root.sideMm * 0.72
                    color: Tokens.nightMark
                    horizontalAlignment: Text.AlignHCenter
                    strong: true
                    text: root.board.t.now_calling
                    width: parent.width
                }

                Label {
                    id: called

                    capMm: root.callMm * (notice.visible ? 1.0 : 1.15)
                    color: Tokens.nightInk
                    fontSizeMode: Text.HorizontalFit
                    horizontalAlignment: Text.AlignHCenter
                    maximumLineCount: 1
                    minimumPixelSize: Tokens.cap(root.sideMm)
                    objectName: "called"
                    lineHeight: 0.85
                    strong: true
                    text: "\u2066" + (root.board.large.label ?? "") + "\u2069"
                    width: parent.width
                    wrapMode: Text.NoWrap
                }

                Label {
                    id: counter

                    capMm: root.sideMm * (notice.visible ? 1.0 : 1.3)
                    color: Tokens.nightInk
                    horizontalAlignment: Text.AlignHCenter
                    objectName: "called-counter"
                    strong: true
                    text: root.board.t.counter + " \u2066" + (root.board.large.counter ?? "") + "\u2069"
                    width: parent.width
                }
            }

            Label {
                anchors.left: parent.left
                anchors.margins: Tokens.mm(20)
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                capMm: root.sideMm
                color: Tokens.nightSoft
                horizontalAlignment: Text.AlignHCenter
                text: root.board.t.please_wait
                visible: root.board.large.label === undefined
            }
        }

        Item {
            id: list

            readonly property real room: height - heading.height - Tokens.mm(10)
            readonly property int rows: Math.max(1, Math.min(5, Math.floor(room / (Tokens.cap(root.sideMm) * 1.42))))

            anchors.bottom: stage.bottom
            anchors.right: parent.right
            anchors.rightMargin: Tokens.mm(24)
            anchors.top: header.bottom
            width: parent.width * 0.36

            Item {
                id: heading

                anchors.left: parent.left
                anchors.right: parent.right
                anchors.top: parent.top
                height: ticketHeading.height

                Label {
                    id: ticketHeading

                    anchors.left: parent.left
                    capMm: root.board.viewingMm / 250
                    color: Tokens.nightSoft
                    text: root.board.t.ticket
                    width: parent.width / 2
                }

                Label {
                    anchors.right: parent.right
                    capMm: root.board.viewingMm / 250
                    color: Tokens.nightSoft
                    horizontalAlignment: Text.AlignRight
                    text: root.board.t.counter
                    width: parent.width / 2
                }
            }

            Column {
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.top: heading.bottom
                anchors.topMargin: Tokens.mm(10)

                Repeater {
                    model: root.board.listed.slice(0, list.rows)

                    Item {
                        id: row

                        required property var modelData
                        required property int index

                        height: list.room / list.rows
                        objectName: "listed-" + row.index
                        width: list.width

                        Rectangle {
                            anchors.left: parent.left
                            anchors.right: parent.right
                            anchors.top: parent.top
                            color: Tokens.nightLine
                            height: Tokens.mm(1)
                        }

                        Label {
                            anchors.left: parent.left
                            anchors.verticalCenter: parent.verticalCenter
                            capMm: root.sideMm
                            color: Tokens.nightInk
                            fontSizeMode: Text.HorizontalFit
                            horizontalAlignment: Text.AlignLeft
                            maximumLineCount: 1
                            lineHeight: 0.9
                            minimumPixelSize: Tokens.cap(root.sideMm * 0.8)
                            strong: true
                            text: "\u2066" + row.modelData.label + "\u2069"
                            width: parent.width * 0.64
                            wrapMode: Text.NoWrap
                        }

                        Label {
                            anchors.right: parent.right
                            anchors.verticalCenter: parent.verticalCenter
                            capMm: root.sideMm
                            color: Tokens.nightInk
                            fontSizeMode: Text.HorizontalFit
                            horizontalAlignment: Text.AlignRight
                            lineHeight: 0.9
                            maximumLineCount: 1
                            minimumPixelSize: Tokens.cap(root.sideMm * 0.8)
                            text: "\u2066" + row.modelData.counter + "\u2069"
                            width: parent.width * 0.34
                            wrapMode: Text.NoWrap
                        }
                    }
                }
            }
        }

        Rectangle {
            id: notice

            anchors.bottom: parent.bottom
            anchors.left: parent.left
            anchors.right: parent.right
            color: Tokens.mark
            height: Math.max(parent.height * 0.1, said.implicitHeight + Tokens.mm(16))
            objectName: "notice"
            visible: root.board.notice.length > 0

            Label {
                id: said

                anchors.left: parent.left
                anchors.margins: Tokens.mm(24)
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                capMm: root.board.viewingMm / 250
                strong: true
                text: root.board.notice
            }
        }
    }
}
