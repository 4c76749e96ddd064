import QtQuick

// Text with a capital height in millimetres; read aloud as what it says.
Text {
    id: label

    property real capMm: 5
    property bool strong: false
    // What a voice says in its place.
    property string spoken: text
    // Of this citizen: a voice says it to headphones alone.
    property bool personal: false
    // What everybody may hear in its place.
    property string mask: ""

    color: Tokens.ink
    font.family: Tokens.family
    font.pixelSize: Tokens.cap(capMm)
    font.weight: strong ? Font.Bold : Font.Normal
    horizontalAlignment: Text.AlignLeft
    lineHeight: 1.1
    textFormat: Text.PlainText
    visible: text.length > 0
    wrapMode: Text.WordWrap

    Accessible.name: spoken
    Accessible.role: Accessible.StaticText
}
