"""The main job through the gateway, as a proof that an installation works, step by step.

`sample.mp4` is what it uploads: six seconds, three scenes of two seconds (test card, colour bars, gradient) with hard
cuts, 320 x 180, H.264, and a beeping tone in AAC; 58 KiB, made by ffmpeg:

    ffmpeg -f lavfi -i testsrc2=s=320x180:r=15 -f lavfi -i smptehdbars=s=320x180:r=15 \\
        -f lavfi -i "gradients=s=320x180:r=15:seed=3:speed=0.02:c0=#FFD060:c1=#FF8040" \\
        -f lavfi -i "sine=frequency=330:beep_factor=2" -filter_complex "[0:v]trim=end_frame=30,setsar=1,\\
        format=yuv420p[a];[1:v]trim=end_frame=30,setsar=1,format=yuv420p[b];[2:v]trim=end_frame=30,setsar=1,\\
        format=yuv420p[c];[a][b][c]concat=n=3[film]" -map "[film]" -map 3:a -t 6 -c:v libx264 -preset veryslow \\
        -crf 33 -g 30 -c:a aac -b:a 48k -ac 1 -movflags +faststart -fflags +bitexact -flags +bitexact \\
        -map_metadata -1 sample.mp4
"""
