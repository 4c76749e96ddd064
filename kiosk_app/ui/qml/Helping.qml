import QtQuick
import Antesala

// Calls somebody of the office, over the page.
Rectangle {
    id: cover

    required property var kiosk
    readonly property bool isOffered: cover.callState === "offered" || cover.callState === "nobody"
    readonly property string callState: cover.kiosk.helpState
    readonly property string title: cover.kiosk.t["help_title_" + cover.callState] ?? ""

    color: "#e6141f2b"
    objectName: "helping"

    Accessible.name: cover.title
    Accessible.role: Accessible.Dialog

    MouseArea {
        anchors.fill: parent

        onClicked: cover.kiosk.stillHere()
    }

    Rectangle {
        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.margins: Tokens.mm(10)
        anchors.right: parent.right
        color: Tokens.paper
        height: words.implicitHeight + Tokens.mm(24)
        radius: Tokens.mm(5)

        Column {
            id: words

            anchors.left: parent.left
            anchors.margins: Tokens.mm(12)
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            spacing: Tokens.mm(7)

            Label {
                capMm: Tokens.heading(10)
                objectName: "help-title"
                strong: true
                text: cover.title
                width: parent.width
            }

            Label {
                capMm: 6.5
                text: cover.kiosk.t["help_text_" + cover.callState] ?? ""
                width: parent.width
            }

            TouchButton {
                capMm: 7
                leastMm: 28 * Tokens.ease
                objectName: "help-call"
                primary: true
                text: cover.kiosk.t.help_call
                visible: cover.isOffered
                width: parent.width

                onPressed: cover.kiosk.callHelp()
            }

            TouchButton {
                capMm: 6
                leastMm: 22
                objectName: "help-undo"
                text: cover.kiosk.t.help_undo
                visible: cover.kiosk.helpIsOpen
                width: parent.width

                onPressed: cover.kiosk.giveUpHelp()
            }

            TouchButton {
                capMm: 6
                leastMm: 22
                objectName: "back"
                primary: !cover.isOffered
                text: cover.kiosk.t.back
                width: parent.width

                onPressed: cover.kiosk.back()
            }
        }
    }
}
