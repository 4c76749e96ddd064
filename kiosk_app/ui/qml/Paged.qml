import QtQuick
import Antesala

// More than fits: buttons turn the pages, no finger has to drag.
Flickable {
    id: paged

    default property alias content: column.data
    readonly property bool isLong: contentHeight > height + 1
    property alias spacing: column.spacing

    clip: isLong
    contentHeight: column.height
    interactive: false

    function turnBack() {
        const most = Math.max(0, contentY - height + Tokens.mm(24));
        contentY = Math.max(0, Math.min(contentY - Tokens.mm(20), startsAfter(most)));
    }

    function turnOn() {
        contentY = Math.min(contentHeight - height, Math.max(contentY + Tokens.mm(20), startsCut()));
    }

    // Where the first thing begins that is not seen whole.
    function startsCut(): real {
        for (const item of column.children)
            if (item.visible && item.y > contentY && item.y + item.height > contentY + height)
                return item.y;
        return contentHeight;
    }

    function startsAfter(least: real): real {
        for (const item of column.children)
            if (item.visible && item.y >= least)
                return item.y;
        return least;
    }

    // Whatever has the focus can be seen.
    function reveal(item) {
        const top = item.mapToItem(column, 0, 0).y;
        if (top < contentY)
            contentY = top;
        else if (top + item.height > contentY + height)
            contentY = Math.min(top, top + item.height - height);
    }

    Column {
        id: column

        width: paged.width
    }
}
