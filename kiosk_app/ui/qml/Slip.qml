import QtQuick
import Antesala

// A booking that the kiosk gave: when to come, and by which code.
Item {
    id: page

    required property var kiosk
    readonly property var slip: kiosk.slip

    Column {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.gap(10)

        Label {
            capMm: Tokens.heading(9)
            strong: true
            text: page.kiosk.t.slip_title
            width: parent.width
        }

        Label {
            capMm: Tokens.heading(12)
            personal: true
            strong: true
            text: page.slip.when ?? ""
            width: parent.width
        }

        Label {
            capMm: 7
            personal: true
            text: page.slip.name ?? ""
            width: parent.width
        }

        Label {
            capMm: 8
            objectName: "slip-code"
            personal: true
            spoken: page.slip.spoken ?? ""
            strong: true
            text: page.slip.code ?? ""
            width: parent.width
        }

        Item {
            height: Math.max(sign.height, status.height)
            width: parent.width

            Glyph {
                id: sign

                anchors.left: parent.left
                anchors.verticalCenter: parent.verticalCenter
                height: Tokens.gap(16)
                ink: page.slip.fault ? Tokens.alert : Tokens.deep
                kind: page.slip.fault ? "info" : page.slip.printing ? "clock" : "check"
                width: height
            }

            Label {
                id: status

                anchors.left: sign.right
                anchors.leftMargin: Tokens.mm(6)
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                capMm: 6.5
                color: page.slip.fault ? Tokens.alert : Tokens.ink
                strong: true
                text: page.slip.status ?? ""
            }
        }

        TouchButton {
            leastMm: 30 * Tokens.ease
            objectName: "done"
            primary: true
            text: page.kiosk.t.finish
            width: parent.width

            onPressed: page.kiosk.done()
        }
    }
}
