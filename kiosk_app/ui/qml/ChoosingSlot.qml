pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// Who would wait too long comes back at another time.
Item {
    id: page

    required property var kiosk
    readonly property var slots: kiosk.slots

    Column {
        id: head

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        spacing: Tokens.gap(6)

        Label {
            capMm: Tokens.heading(9)
            strong: true
            text: page.kiosk.t.slot_title
            width: parent.width
        }

        Label {
            capMm: 6.5
            text: page.slots.name ?? ""
            width: parent.width
        }

        Label {
            capMm: 6
            color: page.slots.gone ? Tokens.alert : Tokens.soft
            strong: page.slots.gone ?? false
            text: page.slots.hint ?? ""
            width: parent.width
        }
    }

    Paged {
        id: list

        anchors.bottom: ends.top
        anchors.bottomMargin: Tokens.gap(8)
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: head.bottom
        anchors.topMargin: Tokens.gap(10)
        spacing: Tokens.mm(5)

        Repeater {
            model: (page.slots.times ?? []).length

            TouchButton {
                id: slot

                required property int index
                readonly property var what: (page.slots.times ?? [])[slot.index] ?? ({})

                capMm: 7
                icon: "clock"
                leastMm: 30 * Tokens.ease
                objectName: "slot-" + slot.index
                text: slot.what.text ?? ""
                width: list.width

                onActiveFocusChanged: {
                    if (slot.activeFocus)
                        list.reveal(slot);
                }
                onPressed: page.kiosk.chooseSlot(slot.what.at)
            }
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
        paged: list

        onWentBack: page.kiosk.back()
    }
}
