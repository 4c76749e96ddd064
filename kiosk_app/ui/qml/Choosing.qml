pragma ComponentBehavior: Bound

import QtQuick
import Antesala

Item {
    id: page

    required property var kiosk

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
        clip: interactive
        interactive: contentHeight > height
        model: page.kiosk.services
        spacing: Tokens.mm(5)

        delegate: TouchButton {
            id: choice

            required property int index
            required property var modelData

            capMm: 6.5
            leastMm: 38 * Tokens.ease
            note: [modelData.waiting, modelData.wait].filter(part => part.length > 0).join(" · ")
            objectName: "service-" + modelData.id
            text: modelData.name
            width: list.width

            onActiveFocusChanged: {
                if (choice.activeFocus)
                    list.positionViewAtIndex(choice.index, ListView.Contain);
            }
            onPressed: page.kiosk.chooseService(choice.modelData.id)
        }
    }

    TouchButton {
        id: leave

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        leastMm: 24 * Tokens.ease
        objectName: "leave"
        text: page.kiosk.t.leave
        width: Tokens.mm(80)

        onPressed: page.kiosk.back()
    }
}
