pragma ComponentBehavior: Bound

import QtQuick
import Antesala

Item {
    id: page

    required property var kiosk
    // read once: many things stand on it
    readonly property var offer: kiosk.offer

    Label {
        id: title

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        capMm: Tokens.heading(9)
        strong: true
        text: page.offer.title
    }

    TouchButton {
        id: search

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: title.bottom
        anchors.topMargin: visible ? Tokens.gap(8) : 0
        height: visible ? implicitHeight : 0
        icon: "search"
        objectName: "search"
        text: page.kiosk.t.search
        visible: page.offer.search

        onPressed: page.kiosk.askSearch()
    }

    Paged {
        id: list

        anchors.bottom: ends.top
        anchors.bottomMargin: Tokens.gap(8)
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: search.bottom
        anchors.topMargin: Tokens.gap(8)
        spacing: Tokens.mm(5)

        Label {
            capMm: 5.5
            color: Tokens.soft
            text: page.offer.groups.length > 0 && page.offer.services.length > 0 ? page.kiosk.t.most_asked : ""
            width: list.width
        }

        Repeater {
            model: page.offer.services.length

            Offer {
                kiosk: page.kiosk
                leastMm: (page.offer.groups.length > 0 ? 24 : 38) * Tokens.ease
                paged: list
                services: page.offer.services
            }
        }

        Label {
            capMm: 5.5
            color: Tokens.soft
            text: page.offer.groups.length > 0 ? page.kiosk.t.by_theme : ""
            width: list.width
        }

        Repeater {
            model: Math.ceil(page.offer.groups.length / 2)

            Row {
                id: pair

                required property int index

                spacing: Tokens.mm(5)

                Repeater {
                    model: Math.min(2, page.offer.groups.length - 2 * pair.index)

                    TouchButton {
                        id: group

                        required property int index
                        readonly property var what: page.offer.groups[2 * pair.index + group.index] ?? ({})

                        capMm: 5.5
                        icon: group.what.icon ?? "info"
                        leastMm: 26 * Tokens.ease
                        objectName: "group-" + group.what.id
                        sideMm: 3
                        text: group.what.name ?? ""
                        width: (list.width - pair.spacing) / 2

                        onActiveFocusChanged: {
                            if (group.activeFocus)
                                list.reveal(group);
                        }
                        onPressed: page.kiosk.chooseGroup(group.what.id)
                    }
                }
            }
        }
    }

    PageEnds {
        id: ends

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        backName: page.offer.inGroup ? "back" : "leave"
        backText: page.offer.inGroup ? page.kiosk.t.back : page.kiosk.t.leave
        kiosk: page.kiosk
        paged: list

        onWentBack: page.kiosk.back()
    }
}
