import QtQuick
import Antesala

// All languages to choose from, over the page.
Rectangle {
    id: cover

    // There was no room for it on the page.
    property bool helps: false
    required property var kiosk

    signal closed

    color: "#e6141f2b"

    Accessible.name: cover.kiosk.t.language
    Accessible.role: Accessible.Dialog

    MouseArea {
        anchors.fill: parent

        onClicked: cover.closed()
    }

    Rectangle {
        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.margins: Tokens.mm(10)
        anchors.right: parent.right
        color: Tokens.paper
        height: choices.implicitHeight + Tokens.mm(20)
        radius: Tokens.mm(5)

        Column {
            id: choices

            anchors.left: parent.left
            anchors.margins: Tokens.mm(10)
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            spacing: Tokens.mm(4)

            LanguageButtons {
                columns: 1
                kiosk: cover.kiosk
                width: parent.width

                onChosen: cover.closed()
            }

            TouchButton {
                capMm: 4.8
                objectName: "help"
                text: cover.kiosk.t.help
                visible: cover.helps
                width: parent.width

                onPressed: {
                    cover.closed();
                    cover.kiosk.askHelp();
                }
            }

            TouchButton {
                capMm: 4.8
                objectName: "close"
                primary: true
                text: cover.kiosk.t.back
                width: parent.width

                onPressed: cover.closed()
            }
        }
    }
}
