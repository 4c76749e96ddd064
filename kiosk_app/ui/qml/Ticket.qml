pragma ComponentBehavior: Bound

import QtQuick
import Antesala

Item {
    id: page

    // Who comes with a ticket that waits knows where, and has less room for it.
    readonly property bool isBrief: (ticket.waits ?? false) && Tokens.ease < 0.9
    // Where to wait is on the paper too.
    readonly property bool isLong: (ticket.goesOn ?? false) && (Tokens.large || Tokens.ease < 0.9)
    // A notice takes the place of what is also on the paper.
    readonly property bool isFull: kiosk.notice.length > 0 && Tokens.ease < 0.9
    required property var kiosk
    readonly property var ticket: page.kiosk.ticket

    Column {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.gap(9)

        NoticeBox {
            text: page.kiosk.notice
            width: parent.width
        }

        Rectangle {
            border.color: page.ticket.fault ? Tokens.alert : Tokens.deep
            border.width: Tokens.mm(1)
            color: Tokens.paper
            height: card.implicitHeight + Tokens.gap(24)
            radius: Tokens.mm(5)
            width: parent.width

            Column {
                id: card

                anchors.left: parent.left
                anchors.margins: Tokens.mm(12)
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                spacing: Tokens.gap(6)

                Label {
                    capMm: 6.5
                    color: Tokens.soft
                    horizontalAlignment: Text.AlignHCenter
                    text: page.kiosk.t.your_number
                    visible: !page.isFull && (!Tokens.large || Tokens.ease > 0.7)
                    width: parent.width
                }

                Label {
                    capMm: Tokens.heading(Tokens.large ? 24 : 34)
                    fontSizeMode: Text.HorizontalFit
                    horizontalAlignment: Text.AlignHCenter
                    maximumLineCount: 1
                    minimumPixelSize: Tokens.cap(12)
                    objectName: "label"
                    spoken: page.ticket.spoken ?? ""
                    strong: true
                    text: "\u2066" + (page.ticket.label ?? "") + "\u2069"
                    width: parent.width
                    wrapMode: Text.NoWrap
                }

                Label {
                    capMm: 8
                    horizontalAlignment: Text.AlignHCenter
                    personal: page.ticket.personal ?? false
                    strong: true
                    text: page.isFull ? "" : page.ticket.service ?? ""
                    width: parent.width
                }

                Repeater {
                    model: page.isFull ? [] : page.ticket.facts

                    Label {
                        required property string modelData

                        capMm: 6
                        horizontalAlignment: Text.AlignHCenter
                        personal: page.ticket.personal ?? false
                        text: modelData
                        width: card.width
                    }
                }
            }
        }

        Item {
            height: Math.max(sign.height, status.height)
            visible: !page.isBrief
            width: parent.width

            Glyph {
                id: sign

                anchors.left: parent.left
                anchors.verticalCenter: parent.verticalCenter
                height: Tokens.gap(16)
                ink: page.ticket.fault ? Tokens.alert : Tokens.deep
                kind: page.ticket.called ? "alert" : page.ticket.fault ? "info" : page.ticket.printing ? "clock" : "check"
                width: height
            }

            Label {
                id: status

                anchors.left: sign.right
                anchors.leftMargin: Tokens.mm(6)
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                capMm: 6.5
                color: page.ticket.fault ? Tokens.alert : Tokens.ink
                strong: true
                text: page.ticket.status ?? ""
            }
        }

        Label {
            capMm: 6.5
            text: page.isBrief || page.isLong ? "" : page.ticket.where ?? ""
            width: parent.width
        }

        Label {
            capMm: 5.5
            color: Tokens.soft
            text: page.ticket.lane ?? ""
            width: parent.width
        }

        Row {
            spacing: Tokens.mm(6)
            width: parent.width

            TouchButton {
                leastMm: 28 * Tokens.ease
                objectName: "done"
                primary: true
                text: page.kiosk.t.finish
                width: (parent.width - parent.spacing) / 2

                onPressed: page.kiosk.done()
            }

            TouchButton {
                leastMm: 28 * Tokens.ease
                objectName: "print-again"
                text: page.kiosk.t.print_again
                visible: page.ticket.copies ?? false
                width: (parent.width - parent.spacing) / 2

                onPressed: page.kiosk.printAgain()
            }
        }

        TouchButton {
            objectName: "leave-queue"
            text: page.kiosk.t.leave_queue
            visible: page.ticket.waits ?? false
            width: (parent.width - Tokens.mm(6)) / 2

            onPressed: page.kiosk.askLeave()
        }
    }
}
