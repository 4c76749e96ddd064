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
        capMm: 9
        strong: true
        text: page.kiosk.t.choose_title
    }

    ListView {
        id: list

        anchors.bottom: leave.top
        anchors.bottomMargin: Tokens.mm(8)
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: title.bottom
        anchors.topMargin: Tokens.mm(10)
        clip: interactive
        interactive: contentHeight > height
        model: page.kiosk.services
        spacing: Tokens.mm(5)

        delegate: TouchButton {
            id: choice

            required property var modelData

            capMm: 6.5
            height: Tokens.mm(38)
            note: [modelData.waiting, modelData.wait].filter(part => part.length > 0).join(" · ")
            objectName: "service-" + modelData.id
            text: modelData.name
            width: list.width

            onPressed: page.kiosk.chooseService(choice.modelData.id)
        }
    }

    TouchButton {
        id: leave

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        height: Tokens.mm(24)
        objectName: "leave"
        text: page.kiosk.t.leave
        width: Tokens.mm(80)

        onPressed: page.kiosk.back()
    }
}
