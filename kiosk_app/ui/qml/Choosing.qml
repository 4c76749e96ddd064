pragma ComponentBehavior: Bound

import QtQuick
import Antesala

Item {
    id: page

    // More than fits: buttons turn the pages, no finger has to drag.
    readonly property bool isLong: list.contentHeight > list.height + 1
    required property var kiosk
    readonly property real each: (width - 2 * Tokens.mm(4)) / 3
    readonly property real turnPx: list.height - Tokens.mm(24)

    Label {
        id: title

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        capMm: Tokens.heading(9)
        strong: true
        text: page.kiosk.t.choose_title
    }

    ListView {
        id: list

        anchors.bottom: leave.top
        anchors.bottomMargin: Tokens.gap(8)
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: title.bottom
        anchors.topMargin: Tokens.gap(10)
        // all of them, so that a voice knows of those that are out of sight
        cacheBuffer: 1000000
        clip: page.isLong
        interactive: false
        // by number: a service under a finger stays the same button while its figures change
        model: page.kiosk.services.length
        spacing: Tokens.mm(5)

        delegate: TouchButton {
            id: choice

            required property int index
            readonly property var what: page.kiosk.services[choice.index] ?? ({})

            capMm: 6.5
            leastMm: 38 * Tokens.ease
            note: [choice.what.waiting, choice.what.wait].filter(part => part).join(" · ")
            objectName: "service-" + choice.what.id
            text: choice.what.name ?? ""
            width: list.width

            onActiveFocusChanged: {
                if (choice.activeFocus)
                    list.positionViewAtIndex(choice.index, ListView.Contain);
            }
            onPressed: page.kiosk.chooseService(choice.what.id)
        }
    }

    TouchButton {
        id: leave

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        leastMm: 24 * Tokens.ease
        objectName: "leave"
        sideMm: 2
        text: page.kiosk.t.leave
        width: page.isLong ? page.each : Tokens.mm(80)

        onPressed: page.kiosk.back()
    }

    TouchButton {
        anchors.bottom: parent.bottom
        anchors.left: leave.right
        anchors.leftMargin: Tokens.mm(4)
        leastMm: 24 * Tokens.ease
        objectName: "fewer"
        sideMm: 2
        text: page.kiosk.t.fewer
        visible: page.isLong
        width: page.each

        onPressed: list.contentY = Math.max(0, list.contentY - page.turnPx)
    }

    TouchButton {
        anchors.bottom: parent.bottom
        anchors.right: parent.right
        leastMm: 24 * Tokens.ease
        objectName: "more"
        primary: true
        sideMm: 2
        text: page.kiosk.t.more
        visible: page.isLong
        width: page.each

        onPressed: list.contentY = Math.min(list.contentHeight - list.height, list.contentY + page.turnPx)
    }
}
