import QtQuick
import Antesala

Item {
    id: page

    required property var kiosk

    Column {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.gap(12)

        Glyph {
            anchors.horizontalCenter: parent.horizontalCenter
            height: Tokens.gap(50)
            kind: "clock"
            width: height
        }

        Label {
            capMm: 8
            horizontalAlignment: Text.AlignHCenter
            text: page.kiosk.t.one_moment
            width: parent.width
        }
    }
}
