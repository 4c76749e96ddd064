pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// Behind the technician's door. It leads nowhere but back.
Item {
    id: page

    required property var kiosk
    readonly property var work: kiosk.maintenance

    Grid {
        id: tabs

        readonly property real each: (width - spacing) / 2

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        columns: 2
        spacing: Tokens.mm(4)

        Repeater {
            model: ["tests", "state", "log", "touch"]

            TouchButton {
                id: tab

                required property string modelData

                isOn: page.work.tab === tab.modelData
                isSwitch: true
                objectName: "tab-" + tab.modelData
                text: page.work.t["tab_" + tab.modelData]
                width: tabs.each

                onPressed: page.work.look(tab.modelData)
            }
        }
    }

    Paged {
        id: list

        anchors.bottom: ends.top
        anchors.bottomMargin: Tokens.gap(6)
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: tabs.bottom
        anchors.topMargin: Tokens.gap(8)
        spacing: Tokens.mm(4)

        Column {
            spacing: Tokens.mm(5)
            visible: page.work.tab === "tests"
            width: list.width

            TouchButton {
                note: page.work.tests.paper
                objectName: "test-print"
                text: page.work.t.test_print
                width: parent.width

                onPressed: page.work.test("print")
            }

            TouchButton {
                objectName: "test-sound"
                text: page.work.t.test_sound
                width: parent.width

                onPressed: page.work.test("sound")
            }

            Label {
                capMm: 6
                strong: true
                text: page.work.t.test_scan
                width: parent.width
            }

            Label {
                capMm: 5
                objectName: "scanned"
                text: page.work.tests.scanned
                width: parent.width
                wrapMode: Text.WrapAnywhere
            }
        }

        Repeater {
            model: page.work.facts

            Label {
                required property var modelData

                capMm: 5
                text: modelData.name + ": " + modelData.value
                width: list.width
                wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            }
        }

        Canvas {
            id: code

            readonly property var rows: page.work.qr

            Accessible.ignored: true
            height: visible ? width : 0
            renderStrategy: Canvas.Immediate
            visible: rows.length > 0
            width: Math.min(list.width, Tokens.mm(90))

            onPaint: {
                const pen = getContext("2d");
                const side = width / Math.max(1, rows.length);
                pen.fillStyle = "#ffffff";
                pen.fillRect(0, 0, width, height);
                pen.fillStyle = "#000000";
                for (let y = 0; y < rows.length; y++)
                    for (let x = 0; x < rows.length; x++)
                        if (rows[y][x] === "1")
                            pen.fillRect(x * side, y * side, side + 0.5, side + 0.5);
            }
            onRowsChanged: requestPaint()
        }

        Repeater {
            model: page.work.log

            Label {
                required property string modelData

                capMm: 4.8
                text: modelData
                width: list.width
                wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            }
        }

        Grid {
            id: tiles

            readonly property real each: (width - 3 * spacing) / 4

            columns: 4
            spacing: Tokens.mm(3.2)
            visible: page.work.tab === "touch"
            width: list.width

            Repeater {
                model: page.work.tiles

                TouchButton {
                    id: tile

                    required property int index

                    isOn: page.work.touched[tile.index] ?? false
                    isSwitch: true
                    objectName: "tile-" + tile.index
                    sideMm: 1
                    text: String(tile.index + 1)
                    width: tiles.each

                    onPressed: page.work.touch(tile.index)
                }
            }
        }
    }

    PageEnds {
        id: ends

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        backName: "leave"
        backText: page.kiosk.t.leave
        kiosk: page.kiosk
        paged: list

        onWentBack: page.kiosk.back()
    }
}
