import QtQuick

// A target of at least 20 mm that acts when the finger leaves it, once in half a second.
FocusScope {
    id: button

    property string text: ""
    property string note: ""
    property bool primary: false
    property real capMm: 5
    property real leastMm: 20
    // Between the text and the sides.
    property real sideMm: isSwitch ? 3 : 6
    // Whether it stays pressed, and is: said with a sign besides the colour.
    property bool isSwitch: false
    property bool isOn: false
    // Of this citizen: a voice says it to headphones alone, and its mask to everybody.
    property bool personal: false
    property string mask: ""
    // A picture before the text: one of Glyph's.
    property string icon: ""
    // The language of its text, where that is another than the page's.
    property string spokenLanguage: ""

    readonly property bool filled: primary || (isSwitch && isOn)

    signal pressed

    activeFocusOnTab: true
    implicitHeight: Math.max(Tokens.mm(Math.max(20, leastMm)), words.implicitHeight + Tokens.mm(7))
    implicitWidth: Math.max(Tokens.mm(40), words.implicitWidth + Tokens.mm(14))

    Accessible.checkable: isSwitch
    Accessible.checked: isSwitch && isOn
    Accessible.description: note
    Accessible.focusable: true
    Accessible.name: text
    Accessible.onPressAction: button.act()
    Accessible.role: isSwitch ? Accessible.CheckBox : Accessible.Button

    Keys.onReturnPressed: button.act()
    Keys.onSpacePressed: button.act()

    function act() {
        if (!rest.running) {
            rest.start();
            button.pressed();
        }
    }

    Timer {
        id: rest

        interval: 500
    }

    Rectangle {
        anchors.fill: parent
        border.color: button.filled ? Tokens.deep : Tokens.line
        border.width: Tokens.mm(0.6)
        color: area.pressed ? (button.filled ? Tokens.deepPressed : Tokens.mark) : (button.filled ? Tokens.deep : Tokens.paper)
        radius: Tokens.mm(3)
    }

    Rectangle {
        anchors.fill: parent
        anchors.margins: -Tokens.mm(2.6)
        border.color: Tokens.ink
        border.width: Tokens.mm(2)
        color: "transparent"
        radius: Tokens.mm(5)
        visible: button.activeFocus
    }

    Glyph {
        id: sign

        anchors.left: parent.left
        anchors.leftMargin: Tokens.mm(button.isSwitch ? 3 : 5)
        anchors.verticalCenter: parent.verticalCenter
        height: Tokens.mm(button.isSwitch ? 7 : 12)
        ink: button.filled ? Tokens.deepInk : Tokens.deep
        kind: button.isSwitch ? "check" : button.icon
        visible: button.isSwitch ? button.isOn : button.icon.length > 0
        width: height
    }

    Column {
        id: words

        anchors.left: parent.left
        anchors.leftMargin: sign.visible ? sign.anchors.leftMargin + sign.width + Tokens.mm(1 + button.sideMm / 2) : Tokens.mm(button.sideMm)
        anchors.right: parent.right
        anchors.rightMargin: Tokens.mm(button.sideMm)
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.mm(1.5)

        Label {
            capMm: button.capMm
            color: button.filled ? Tokens.deepInk : Tokens.ink
            horizontalAlignment: button.note.length > 0 || button.icon.length > 0 ? Text.AlignLeft : Text.AlignHCenter
            strong: true
            text: button.text
            width: parent.width

            Accessible.ignored: true
        }

        Label {
            capMm: 4.8
            color: button.filled ? Tokens.deepInk : Tokens.soft
            text: button.note
            width: parent.width

            Accessible.ignored: true
        }
    }

    MouseArea {
        id: area

        anchors.fill: parent

        onClicked: button.act()
    }
}
