import QtQuick

// A picture of a few strokes on a square of 24: the project's own. Decoration: the words say the same.
Canvas {
    id: glyph

    property string kind: "info"
    property color ink: Tokens.deep

    readonly property string round: "M2.5 12 a9.5 9.5 0 1 0 19 0 a9.5 9.5 0 1 0 -19 0 "
    readonly property var strokes: ({
            "alert": "M12 3 L22 20 H2 Z M12 9.5 V14 M12 17 V17.01",
            "car": "M3 16.5 V12.5 L5.5 7 H18.5 L21 12.5 V16.5 Z M3 12.5 H21 M5.5 16.5 V19 M18.5 16.5 V19",
            "care": "M12 20 C4 14.5 3 11 3 8.5 A4.6 4.6 0 0 1 12 7 A4.6 4.6 0 0 1 21 8.5 C21 11 20 14.5 12 20 Z",
            "check": glyph.round + "M7.5 12.5 L10.8 15.8 L16.5 8.5",
            "clock": glyph.round + "M12 6.5 V12 L15.5 14",
            "family": "M5 7 a3 3 0 1 0 6 0 a3 3 0 1 0 -6 0 M2.5 19 C2.5 15 5 13 8 13 C9.5 13 11 13.5 12 14.5 " + "M14 10.5 a2.5 2.5 0 1 0 5 0 a2.5 2.5 0 1 0 -5 0 M12 20 C12 16.8 14 15.5 16.5 15.5 C19 15.5 21 16.8 21 20",
            "globe": glyph.round + "M2.5 12 H21.5 M12 2.5 C7 8 7 16 12 21.5 C17 16 17 8 12 2.5",
            "home": "M3 11.5 L12 4 L21 11.5 M6 9.5 V20 H18 V9.5 M10 20 V14 H14 V20",
            "info": glyph.round + "M12 11.5 V17 M12 7.2 V7.21",
            "leaf": "M6 18 C3 9.5 9 4.5 20 4 C20.5 14 15.5 20.5 6 18 M3.5 21 C6 15.5 9.5 12 14.5 9.5",
            "money": glyph.round + "M15.5 8.3 A5 5 0 1 0 15.5 15.7 M6.5 10.7 H13 M6.5 13.3 H12",
            "paper": "M6 3 H14 L18.5 7.5 V21 H6 Z M14 3 V7.5 H18.5 M9 12 H15.5 M9 16 H15.5",
            "person": "M8 7.5 a4 4 0 1 0 8 0 a4 4 0 1 0 -8 0 M4 20.5 C4 16 8 14.5 12 14.5 C16 14.5 20 16 20 20.5",
            "printer": "M6 8 V3 H18 V8 M6 17 H3 V8 H21 V17 H18 M6 14 H18 V21 H6 Z",
            "qr": "M3 3 h6 v6 h-6 Z M15 3 h6 v6 h-6 Z M3 15 h6 v6 h-6 Z M6 6 v0.01 M18 6 v0.01 M6 18 v0.01 " + "M15 15 v0.01 M20 15 v0.01 M17.5 17.5 v0.01 M15 20 v0.01 M20 20 v0.01",
            "school": "M12 5 L22 9.5 L12 14 L2 9.5 Z M6 11.5 V16.5 C8 19 16 19 18 16.5 V11.5 M22 9.5 V15",
            "search": "M3.5 10.5 a7 7 0 1 0 14 0 a7 7 0 1 0 -14 0 M15.8 15.8 L21 21",
            "shield": "M12 2.5 L20 5.5 V11.5 C20 16.5 16.5 20 12 21.5 C7.5 20 4 16.5 4 11.5 V5.5 Z",
            "work": "M3.5 8 H20.5 V19.5 H3.5 Z M8.5 8 V4.5 H15.5 V8 M3.5 13 H20.5 M12 12 V14"
        })

    renderStrategy: Canvas.Immediate

    Accessible.ignored: true

    onInkChanged: requestPaint()
    onKindChanged: requestPaint()
    onVisibleChanged: requestPaint()
    onPaint: {
        const pen = getContext("2d");
        const s = Math.min(width, height) / 24;
        pen.reset();
        pen.scale(s, s);
        pen.strokeStyle = glyph.ink;
        pen.lineWidth = 2;
        pen.lineCap = "round";
        pen.lineJoin = "round";
        pen.path = glyph.strokes[glyph.kind] ?? glyph.strokes.info;
        pen.stroke();
    }
}
