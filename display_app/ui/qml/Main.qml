pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Window
import Antesala

// The lobby's screen: what stands where, and how large, is the layout's.
Window {
    id: root

    required property var board
    required property real pitchMm

    color: Tokens.night
    title: root.board.office

    Component.onCompleted: Tokens.pitchMm = root.pitchMm

    Item {
        id: screen

        property string mark: root.board.stateName + " " + root.board.shownLabels
        property string stateName: root.board.stateName

        height: parent.height
        objectName: "screen"
        width: parent.width
        x: Tokens.mm(root.board.shift[0])
        y: Tokens.mm(root.board.shift[1])

        LayoutMirroring.childrenInherit: true
        LayoutMirroring.enabled: root.board.mirrored

        Place {
            box: root.board.boxes.header

            Sign {
                anchors.left: parent.left
                anchors.right: time.left
                anchors.rightMargin: Tokens.mm(root.board.sizes.margin)
                anchors.verticalCenter: parent.verticalCenter
                capMm: root.board.sizes.least
                color: Tokens.nightSoft
                elide: Text.ElideRight
                fontSizeMode: Text.Fit
                height: parent.height
                maximumLineCount: root.board.headerLines
                minimumPixelSize: Tokens.cap(root.board.sizes.floor)
                text: root.board.office
                verticalAlignment: Text.AlignVCenter
            }

            Sign {
                id: time

                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                capMm: root.board.sizes.least
                color: Tokens.nightInk
                strong: true
                text: root.board.clock
            }
        }

        Repeater {
            model: root.board.large

            Tile {
                required property var modelData
                required property int index

                board: root.board
                box: modelData.box
                call: modelData
                isNewest: index === 0
                number: index
            }
        }

        Pulse {
            board: root.board
            box: root.board.large.length > 0 ? root.board.large[0].box : root.board.boxes.stage
            visible: root.board.stage === "calls"
        }

        Waiting {
            board: root.board
            box: root.board.boxes.stage
            visible: root.board.stage === "waits" || root.board.stage === "welcome"
        }

        Place {
            box: root.board.boxes.stage
            clip: true
            visible: root.board.stage === "picture"

            Image {
                anchors.fill: parent
                asynchronous: true
                fillMode: Image.PreserveAspectFit
                source: root.board.picture
                sourceSize.height: height
                sourceSize.width: width

                Accessible.ignored: true
            }
        }

        Crisis {
            board: root.board
            box: root.board.boxes.stage
            visible: root.board.stage === "crisis"
        }

        History {
            board: root.board
            box: root.board.boxes.history
        }

        Strip {
            board: root.board
            box: root.board.boxes.strip
        }
    }

    Rectangle {
        anchors.fill: parent
        color: "#000000"
        visible: root.board.dark
    }
}
