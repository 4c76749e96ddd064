import QtQuick

// A picture of a few strokes, drawn: "qr", "check", "info", "printer", "clock". Decoration: the words say the same.
Canvas {
    id: glyph

    property string kind: "info"
    property color ink: Tokens.deep

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
        pen.fillStyle = glyph.ink;
        pen.lineWidth = 2;
        pen.lineCap = "round";
        pen.lineJoin = "round";
        if (kind === "qr") {
            for (const [x, y] of [[3, 3], [15, 3], [3, 15]]) {
                pen.strokeRect(x, y, 6, 6);
                pen.fillRect(x + 2, y + 2, 2, 2);
            }
            for (const [x, y] of [[14, 14], [18, 14], [16, 16.5], [14, 19], [19, 19], [20, 16.5]]) {
                pen.fillRect(x, y, 2, 2);
            }
        } else {
            pen.beginPath();
            pen.arc(12, 12, 9.5, 0, 2 * Math.PI);
            pen.stroke();
            pen.beginPath();
            if (kind === "check") {
                pen.moveTo(7.5, 12.5);
                pen.lineTo(10.8, 15.8);
                pen.lineTo(16.5, 8.5);
            } else if (kind === "clock") {
                pen.moveTo(12, 6.5);
                pen.lineTo(12, 12);
                pen.lineTo(15.5, 14);
            } else {
                pen.moveTo(12, 11.5);
                pen.lineTo(12, 17);
                pen.moveTo(12, 7.2);
                pen.lineTo(12, 7.3);
            }
            pen.stroke();
        }
    }
}
