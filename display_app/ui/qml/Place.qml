import QtQuick
import Antesala

// A rectangle of the layout; millimetres from the upper left corner, mirrored already where the language is.
Item {
    required property var box

    height: Tokens.mm(box.height)
    width: Tokens.mm(box.width)
    x: Tokens.mm(box.x)
    y: Tokens.mm(box.y)
}
