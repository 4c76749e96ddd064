pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// Four answers in words, the best first; none is asked for.
Item {
    id: page

    required property var kiosk

    Column {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Tokens.gap(9)

        Label {
            capMm: Tokens.heading(10.5)
            strong: true
            text: page.kiosk.t.rating_title
            width: parent.width
        }

        Label {
            capMm: 6
            color: Tokens.soft
            text: page.kiosk.t.rating_text
            width: parent.width
        }

        Repeater {
            model: [4, 3, 2, 1]

            TouchButton {
                id: score

                required property int modelData

                capMm: 7
                leastMm: 28 * Tokens.ease
                objectName: "score-" + score.modelData
                text: page.kiosk.t["score_" + score.modelData]
                width: page.width

                onPressed: page.kiosk.rate(score.modelData)
            }
        }

        TouchButton {
            leastMm: 24 * Tokens.ease
            objectName: "done"
            text: page.kiosk.t.no_answer
            width: Math.min(page.width, Tokens.mm(120))

            onPressed: page.kiosk.done()
        }
    }
}
