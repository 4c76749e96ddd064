import QtQuick
import Antesala

// Text on the lobby's screen: lines as close as the font has them, for there is no room to spare.
Label {
    lineHeight: 1
}
