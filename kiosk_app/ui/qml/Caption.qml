import QtQuick
import Antesala

// What the voice says, for those who see it and do not hear.
Rectangle {
    id: caption

    required property var kiosk
    // It has a place of its own, and covers nothing.
    property bool steady: true

    Accessible.ignored: true
    color: Tokens.deep
    // two lines always, so that the page stands still while one sentence follows another
    height: caption.kiosk.speaks ? Math.max(Tokens.mm(26), words.implicitHeight + Tokens.mm(8)) : 0
    visible: caption.kiosk.speaks && (caption.steady || caption.kiosk.caption.length > 0)
    objectName: "caption"

    Label {
        id: words

        Accessible.ignored: true
        anchors.left: parent.left
        anchors.margins: Tokens.mm(14)
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        capMm: 4.8
        color: Tokens.deepInk
        text: caption.kiosk.caption
    }
}
