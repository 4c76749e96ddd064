import QtQuick

// Text with a capital height in millimetres; read aloud as what it says.
Text {
    id: label

    property real capMm: 5
    property bool strong: false

    color: Tokens.ink
    font.family: Tokens.family
    font.pixelSize: Tokens.cap(capMm)
    font.weight: strong ? Font.Bold : Font.Normal
    horizontalAlignment: Text.AlignLeft
    lineHeight: 1.1
    textFormat: Text.PlainText
    visible: text.length > 0
    wrapMode: Text.WordWrap

    Accessible.name: text
    Accessible.role: Accessible.StaticText
}
