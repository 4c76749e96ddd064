pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// A machine that cannot work yet, as a technician finds it.
Window {
    id: window

    required property var model
    required property real pitchMm
    // A panel in a waiting room is read from a ladder beside it, or from below.
    readonly property real reach: Math.min(2, Math.max(1, width * pitchMm / 400))

    color: Tokens.ground
    title: "Antesala"
    visible: false

    Component.onCompleted: Tokens.pitchMm = pitchMm

    Item {
        LayoutMirroring.childrenInherit: true
        LayoutMirroring.enabled: window.model.mirrored
        anchors.fill: parent
        anchors.margins: Tokens.mm(14)

        Column {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            spacing: Tokens.mm(7)

            Label {
                capMm: 6 * window.reach
                objectName: "title"
                strong: true
                text: window.model.title
                width: parent.width
            }

            Repeater {
                model: window.model.problems

                Rectangle {
                    id: problem

                    required property var modelData

                    color: Tokens.paper
                    height: facts.height + Tokens.mm(8)
                    radius: Tokens.mm(2)
                    width: parent?.width ?? 0

                    Rectangle {
                        anchors.left: parent.left
                        color: Tokens.alert
                        height: parent.height
                        radius: Tokens.mm(1)
                        width: Tokens.mm(2)
                    }

                    Column {
                        id: facts

                        anchors.left: parent.left
                        anchors.margins: Tokens.mm(6)
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                        spacing: Tokens.mm(2)

                        Label {
                            capMm: 3.5 * window.reach
                            strong: true
                            text: problem.modelData.where
                            width: parent.width
                        }

                        Label {
                            capMm: 3.5 * window.reach
                            text: problem.modelData.what
                            width: parent.width
                        }

                        Label {
                            capMm: 3.5 * window.reach
                            color: Tokens.soft
                            text: problem.modelData.mend
                            width: parent.width
                        }
                    }
                }
            }

            Label {
                capMm: 5 * window.reach
                objectName: "advice"
                text: window.model.advice
                width: parent.width
            }

            Repeater {
                model: window.model.consoles

                Label {
                    required property string modelData

                    capMm: 5 * window.reach
                    strong: true
                    text: modelData
                    width: parent?.width ?? 0
                }
            }

            Label {
                capMm: 3.5 * window.reach
                color: Tokens.soft
                text: window.model.more
                width: parent.width
            }

            Rectangle {
                color: Tokens.mark
                height: told.height + Tokens.mm(8)
                radius: Tokens.mm(2)
                visible: window.model.news.length > 0
                width: parent.width

                Column {
                    id: told

                    anchors.left: parent.left
                    anchors.margins: Tokens.mm(6)
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    spacing: Tokens.mm(3)

                    Label {
                        capMm: 5 * window.reach
                        objectName: "news"
                        strong: true
                        text: window.model.news
                        width: parent.width
                    }

                    Label {
                        capMm: 3.5 * window.reach
                        objectName: "why"
                        text: window.model.why
                        width: parent.width
                    }
                }
            }
        }

        Column {
            anchors.bottom: parent.bottom
            anchors.left: parent.left
            anchors.right: parent.right
            spacing: Tokens.mm(3)

            Label {
                capMm: 3.5 * window.reach
                text: window.model.network
                width: parent.width
            }

            Label {
                capMm: 3 * window.reach
                color: Tokens.soft
                text: window.model.release
                width: parent.width
            }
        }
    }
}
