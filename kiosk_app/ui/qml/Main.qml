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

    Component.onCompleted: {
        Tokens.pitchMm = root.pitchMm;
        Tokens.large = Qt.binding(() => root.kiosk.modes.large);
        Tokens.ease = Qt.binding(() => Math.max(0.25, Math.min(1, page.height * root.pitchMm / 390)));
        Tokens.contrast = Qt.binding(() => root.kiosk.modes.contrast);
    }

    Item {
        id: screen

        property bool asksLanguage: false
        readonly property bool isLow: height * root.pitchMm - (root.kiosk.modes.lowered ? root.kiosk.tooHighMm : 0) < 420
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
            anchors.topMargin: root.kiosk.modes.lowered ? Tokens.mm(root.kiosk.tooHighMm) : 0
            kiosk: root.kiosk
            visible: !(screen.isLow && Tokens.large)
        }

        Loader {
            id: page

            readonly property var files: ({
                    attract: "Attract.qml",
                    choosing: "Choosing.qml",
                    searching: "Searching.qml",
                    typing: "Typing.qml",
                    confirming: "Confirming.qml",
                    choosingslot: "ChoosingSlot.qml",
                    reserving: "Moment.qml",
                    lookingup: "Moment.qml",
                    showingslip: "Slip.qml",
                    issuing: "Moment.qml",
                    committing: "Moment.qml",
                    ticket: "Ticket.qml",
                    leaving: "Leaving.qml",
                    rating: "Rating.qml",
                    thanks: "Thanks.qml",
                    maintaining: "Maintaining.qml",
                    problem: "Problem.qml"
                })
            property string shown: ""

            anchors.bottom: screen.isLow ? footer.top : caption.top
            anchors.left: parent.left
            anchors.bottomMargin: Tokens.mm(6)
            anchors.leftMargin: Tokens.mm(14)
            anchors.right: parent.right
            anchors.rightMargin: Tokens.mm(14)
            anchors.top: header.bottom
            anchors.topMargin: Tokens.mm(6)

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

        Connections {
            function onStateNameChanged() {
                screen.asksLanguage = false;
            }

            target: screen
        }

        LanguageBar {
            id: footer

            compact: screen.isLow && (Tokens.large || root.kiosk.page !== "attract")

            anchors.bottom: parent.bottom
            anchors.left: parent.left
            anchors.right: parent.right
            kiosk: root.kiosk

            onCompactChanged: screen.asksLanguage = false
            onLanguagesAsked: screen.asksLanguage = true
        }

        // Above the footer, or over it where the page needs the room.
        Caption {
            id: caption

            anchors.bottom: screen.isLow ? parent.bottom : footer.top
            anchors.left: parent.left
            anchors.right: parent.right
            kiosk: root.kiosk
            steady: !screen.isLow
        }

        Languages {
            anchors.fill: parent
            kiosk: root.kiosk
            helps: footer.helpInside
            visible: footer.compact && screen.asksLanguage && !root.kiosk.warning

            onClosed: screen.asksLanguage = false
        }

        Helping {
            anchors.fill: parent
            kiosk: root.kiosk
            visible: root.kiosk.asksHelp && !root.kiosk.warning
        }

        Warning {
            anchors.fill: parent
            kiosk: root.kiosk
            visible: root.kiosk.warning
        }

        Rectangle {
            id: ring

            readonly property rect around: root.kiosk.ring

            Accessible.ignored: true
            border.color: Tokens.ink
            border.width: Tokens.mm(2)
            color: "transparent"
            height: ring.around.height + Tokens.mm(6)
            objectName: "ring"
            radius: Tokens.mm(5)
            visible: ring.around.width > 0
            width: ring.around.width + Tokens.mm(6)
            x: ring.around.x - Tokens.mm(3)
            y: ring.around.y - Tokens.mm(3)
        }

        // Nobody looks over the shoulder of whoever listens.
        Rectangle {
            Accessible.ignored: true
            anchors.fill: parent
            color: "#000000"
            objectName: "curtain"
            visible: root.kiosk.modes.curtain

            MouseArea {
                anchors.fill: parent

                onClicked: root.kiosk.switchMode("curtain")
            }
        }
    }
}
