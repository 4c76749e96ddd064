import QtQuick
import Antesala

Item {
    id: page

    required property var kiosk

    Column {
        id: all

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.gap(16)

        // Where there is room for it, and nothing more important. Decoded beside the page, which waits for nothing.
        Image {
            readonly property real room: page.height - rest.height - all.spacing

            Accessible.ignored: true
            asynchronous: true
            cache: false
            fillMode: Image.PreserveAspectFit
            height: visible ? Math.min(Tokens.mm(120), room) : 0
            objectName: "picture"
            source: page.kiosk.notice ? "" : page.kiosk.picture
            sourceSize.height: Tokens.mm(120)
            sourceSize.width: page.width
            visible: source.toString().length > 0 && status !== Image.Error && room > Tokens.mm(50)
            width: parent.width
        }

        Column {
            id: rest

            spacing: all.spacing
            width: parent.width

            Label {
                capMm: Tokens.heading(13)
                horizontalAlignment: Text.AlignHCenter
                strong: true
                text: page.kiosk.notice ? "" : page.kiosk.t.welcome
                width: parent.width
            }

            NoticeBox {
                text: page.kiosk.notice
                width: parent.width
            }

            Rectangle {
                border.color: Tokens.deep
                border.width: Tokens.mm(0.8)
                color: Tokens.paper
                height: scan.implicitHeight + Tokens.gap(28)
                radius: Tokens.mm(5)
                width: parent.width

                Column {
                    id: scan

                    anchors.left: parent.left
                    anchors.margins: Tokens.mm(14)
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    spacing: Tokens.gap(7)

                    Glyph {
                        anchors.horizontalCenter: parent.horizontalCenter
                        height: Tokens.gap(48)
                        kind: "qr"
                        visible: page.kiosk.scans && (!page.kiosk.notice || Tokens.ease >= 0.9)
                        width: height
                    }

                    Label {
                        capMm: Tokens.heading(8.5)
                        horizontalAlignment: Text.AlignHCenter
                        strong: true
                        text: page.kiosk.t.scan_title
                        width: parent.width
                    }

                    Label {
                        capMm: 6
                        horizontalAlignment: Text.AlignHCenter
                        text: page.kiosk.scanHint
                        width: parent.width
                    }

                    TouchButton {
                        objectName: "type-code"
                        text: page.kiosk.t.type_code
                        width: parent.width

                        onPressed: page.kiosk.askTyping()
                    }
                }
            }

            Column {
                spacing: Tokens.gap(6)
                width: parent.width

                Label {
                    capMm: Tokens.heading(8.5)
                    horizontalAlignment: Text.AlignHCenter
                    strong: true
                    text: page.kiosk.t.no_booking
                    width: parent.width
                }

                TouchButton {
                    anchors.horizontalCenter: parent.horizontalCenter
                    capMm: 7.5
                    leastMm: 34 * Tokens.ease
                    objectName: "start"
                    primary: true
                    text: page.kiosk.t.start
                    width: parent.width

                    onPressed: page.kiosk.start()
                }
            }
        }
    }
}
