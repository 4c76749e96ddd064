pragma ComponentBehavior: Bound

import QtQuick
import Antesala

Item {
    id: page

    // Where there is little room, finds need it more than words.
    readonly property bool isCramped: height < Tokens.mm(300)
    required property var kiosk
    // read once: many things stand on it
    readonly property var searching: kiosk.searching

    Label {
        id: title

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        capMm: Tokens.heading(9)
        strong: true
        text: page.kiosk.t.search_title
        visible: !page.isCramped || page.searching.text === ""
    }

    Rectangle {
        id: box

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: title.visible ? title.bottom : parent.top
        anchors.topMargin: title.visible ? Tokens.gap(5) : 0
        border.color: Tokens.deep
        border.width: Tokens.mm(0.8)
        color: Tokens.paper
        height: typed.implicitHeight + Tokens.mm(6)
        radius: Tokens.mm(3)

        Label {
            id: typed

            anchors.left: parent.left
            anchors.margins: Tokens.mm(6)
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            capMm: Tokens.heading(8)
            objectName: "searched"
            spoken: page.searching.spoken ?? ""
            strong: true
            text: (page.searching.text ?? "") + "_"
        }
    }

    Label {
        id: hint

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: box.bottom
        anchors.topMargin: Tokens.gap(5)
        capMm: 5.5
        color: Tokens.soft
        objectName: "found"
        text: page.searching.hint ?? ""
    }

    Paged {
        id: list

        anchors.bottom: keys.top
        anchors.bottomMargin: Tokens.gap(6)
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: hint.bottom
        anchors.topMargin: Tokens.gap(5)
        spacing: Tokens.mm(4)

        Repeater {
            model: page.searching.services?.length ?? 0

            Offer {
                isBrief: page.isCramped
                kiosk: page.kiosk
                leastMm: 22
                paged: list
                services: page.searching.services ?? []
            }
        }
    }

    Keyboard {
        id: keys

        anchors.bottom: more.top
        anchors.bottomMargin: Tokens.mm(4)
        anchors.left: parent.left
        anchors.right: parent.right
        rows: page.kiosk.keyboard
        space: page.kiosk.t.space

        onTyped: character => page.kiosk.typeKey(character)
    }

    PageEnds {
        id: more

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        backName: "back"
        backText: page.kiosk.t.back
        columns: turns && width >= Tokens.mm(200) ? 4 : 2
        kiosk: page.kiosk
        most: width
        paged: list
        turns: (page.searching.services?.length ?? 0) > 1

        onWentBack: page.kiosk.back()

        TouchButton {
            leastMm: 24 * Tokens.ease
            objectName: "erase"
            sideMm: 2
            text: page.kiosk.t.erase
            width: more.each

            onPressed: page.kiosk.typeKey("")
        }
    }
}
