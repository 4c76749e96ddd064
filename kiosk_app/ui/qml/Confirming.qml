pragma ComponentBehavior: Bound

import QtQuick
import Antesala

Item {
    id: page

    readonly property var chosen: kiosk.chosen
    required property var kiosk

    Column {
        id: head

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        spacing: Tokens.gap(6)

        Label {
            capMm: 6.5
            color: Tokens.soft
            text: page.kiosk.t.confirm_title
            width: parent.width
        }

        Label {
            capMm: Tokens.heading(11)
            strong: true
            text: page.chosen.name ?? ""
            width: parent.width
        }

        Label {
            capMm: 6.5
            text: page.chosen.waiting ?? ""
            width: parent.width
        }

        Label {
            capMm: 6.5
            text: page.chosen.wait ?? ""
            width: parent.width
        }

        Repeater {
            model: page.chosen.late ?? []

            Label {
                required property int index
                required property string modelData

                capMm: 6.5
                color: index === 0 ? Tokens.alert : Tokens.ink
                strong: true
                text: modelData
                width: head.width
            }
        }
    }

    // Before what to bring, so that the first key leads to it.
    TouchButton {
        id: confirm

        anchors.bottom: ends.top
        anchors.bottomMargin: Tokens.gap(6)
        anchors.left: parent.left
        anchors.right: parent.right
        capMm: 8
        leastMm: 38 * Tokens.ease
        objectName: "confirm"
        primary: true
        text: page.kiosk.t.take_ticket

        onPressed: page.kiosk.confirm()
    }

    Paged {
        id: needs

        anchors.bottom: confirm.top
        anchors.bottomMargin: Tokens.gap(8)
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: head.bottom
        anchors.topMargin: Tokens.gap(10)
        spacing: Tokens.mm(4)

        TouchButton {
            icon: "clock"
            objectName: "book-time"
            text: page.kiosk.t.book_time
            visible: page.chosen.slots ?? false
            width: needs.width

            onActiveFocusChanged: {
                if (activeFocus)
                    needs.reveal(this);
            }
            onPressed: page.kiosk.askSlots()
        }

        Label {
            capMm: 6.5
            strong: true
            text: (page.chosen.bring ?? []).length > 0 ? page.kiosk.t.bring_title : ""
            width: needs.width
        }

        Repeater {
            model: page.chosen.bring ?? []

            Row {
                id: line

                required property string modelData

                spacing: Tokens.mm(3)

                Rectangle {
                    Accessible.ignored: true
                    anchors.top: parent.top
                    anchors.topMargin: words.height / words.lineCount / 2 - height / 2
                    color: Tokens.deep
                    height: Tokens.mm(2.4)
                    radius: height / 2
                    width: height
                }

                Label {
                    id: words

                    capMm: 6
                    text: line.modelData
                    width: needs.width - Tokens.mm(5.4)
                }
            }
        }

        Label {
            capMm: 6
            text: page.chosen.fee ?? ""
            width: needs.width
        }

        Label {
            capMm: 6
            text: page.chosen.takes ?? ""
            width: needs.width
        }

        TouchButton {
            isOn: page.chosen.isPriority ?? false
            isSwitch: true
            mask: page.kiosk.t.ask_priority
            note: page.chosen.priority ?? ""
            objectName: "priority"
            personal: true
            text: page.kiosk.t.ask_priority
            visible: (page.chosen.priority ?? "").length > 0
            width: needs.width

            onActiveFocusChanged: {
                if (activeFocus)
                    needs.reveal(this);
            }
            onPressed: page.kiosk.switchPriority()
        }

        TouchButton {
            icon: "printer"
            objectName: "print-list"
            text: page.chosen.leaflet ?? ""
            visible: (page.chosen.bring ?? []).length > 0
            width: Math.min(needs.width, Tokens.mm(130))

            onActiveFocusChanged: {
                if (activeFocus)
                    needs.reveal(this);
            }
            onPressed: page.kiosk.printList()
        }
    }

    PageEnds {
        id: ends

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        backName: "back"
        backText: page.kiosk.t.back
        kiosk: page.kiosk
        paged: needs

        onWentBack: page.kiosk.back()
    }
}
