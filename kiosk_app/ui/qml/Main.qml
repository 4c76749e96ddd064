pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Window
import Antesala

Window {
    id: root

    required property var kiosk
    required property real pitchMm

    color: Tokens.ground
    title: root.kiosk.office

    LayoutMirroring.childrenInherit: true
    LayoutMirroring.enabled: root.kiosk.mirrored

    Component.onCompleted: Tokens.pitchMm = root.pitchMm

    Item {
        id: screen

        property string mark: root.kiosk.stateName + " " + (root.kiosk.ticket.label ?? "")
        property string stateName: root.kiosk.stateName
        property bool warned: root.kiosk.warning

        anchors.fill: parent
        objectName: "screen"

        LayoutMirroring.childrenInherit: true
        LayoutMirroring.enabled: root.kiosk.mirrored

        MouseArea {
            anchors.fill: parent

            onClicked: root.kiosk.stillHere()
        }

        Header {
            id: header

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            kiosk: root.kiosk
        }

        Loader {
            id: page

            readonly property var files: ({
                    attract: "Attract.qml",
                    choosing: "Choosing.qml",
                    confirming: "Confirming.qml",
                    issuing: "Moment.qml",
                    committing: "Moment.qml",
                    ticket: "Ticket.qml",
                    problem: "Problem.qml"
                })
            property string shown: ""

            anchors.bottom: footer.top
            anchors.left: parent.left
            anchors.margins: Tokens.mm(14)
            anchors.right: parent.right
            anchors.top: header.bottom

            function show() {
                const file = page.files[root.kiosk.page];
                if (file !== page.shown) {
                    page.shown = file;
                    page.setSource(file, {
                        kiosk: root.kiosk
                    });
                }
            }

            Component.onCompleted: page.show()

            Connections {
                function onChanged() {
                    page.show();
                }

                target: root.kiosk
            }
        }

        LanguageBar {
            id: footer

            anchors.bottom: parent.bottom
            anchors.left: parent.left
            anchors.right: parent.right
            kiosk: root.kiosk
        }

        Warning {
            anchors.fill: parent
            kiosk: root.kiosk
            visible: root.kiosk.warning
        }
    }
}
