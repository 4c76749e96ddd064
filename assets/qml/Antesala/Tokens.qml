pragma Singleton

import QtQuick

// Sizes in millimetres, colours in pairs whose contrast is at least 7:1 (4.5:1 for `accent` as a surface).
QtObject {
    property real pitchMm: 0.25

    readonly property color ground: "#f4f6f8"
    readonly property color paper: "#ffffff"
    readonly property color ink: "#14202b"
    readonly property color soft: "#3f4d5a"
    readonly property color line: "#8393a1"
    readonly property color deep: "#0b4a6f"
    readonly property color deepPressed: "#062c44"
    readonly property color deepInk: "#ffffff"
    readonly property color mark: "#ffe9a8"
    readonly property color alert: "#7d1717"
    readonly property color night: "#0a1a26"
    readonly property color nightInk: "#ffffff"
    readonly property color nightSoft: "#c3d0da"
    readonly property color nightLine: "#3a5063"
    readonly property color nightMark: "#ffd54d"

    readonly property string family: "Noto Sans"
    readonly property real capRatio: 0.714
    readonly property int motionMs: 160

    function mm(length: real): real {
        return length / pitchMm;
    }

    // Pixel size of a font whose capital H is so many millimetres high.
    function cap(heightMm: real): int {
        return Math.round(heightMm / capRatio / pitchMm);
    }
}
