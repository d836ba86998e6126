# File systems of a test's own: on loop devices, or in memory.  They are mounted where
# nobody else sees them, can be full, read-only, or lose their power, and are gone with
# the test, however it ends.
package FileSystem;

use strict;
use warnings;
use Exporter qw(import);
use MailRoot qw(new_directory remove_directory);
use MailTest ();

our @EXPORT = qw(own_mounts);

# How each is made: the program and its Debian package, the least size in MiB.
my %KINDS = (
	ext4 => { make => [ qw(mkfs.ext4 -q -F -m 0) ], package => 'e2fsprogs', least => 16 },
	xfs => { make => [ qw(mkfs.xfs -q -f) ], package => 'xfsprogs', least => 300 },
	btrfs => { make => [ qw(mkfs.btrfs -q -f) ], package => 'btrfs-progs', least => 110 },
	tmpfs => { least => 0 },
);

# Linux, on most machines: EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN, which are one, with
# the flag that nothing of the log is written any more; and FICLONE.
my ($SHUTDOWN, $WITHOUT_LOG, $CLONE) = (0x8004587d, 2, 0x40049409);

my $own;                # this process has its own mounts

# Starts the test once more, in a mount namespace of its own; in one where it is root if
# it is not.  To be called first.  What cannot be is said, as in MailTest.
sub own_mounts {
	$own ||= delete $ENV{OWN_MOUNTS};
	return if $own;
	my $unshare = MailTest::need('unshare', 'util-linux');
	my @command = ($unshare, '--mount', $> == 0 ? () : ('--user', '--map-root-user'));
	MailTest::leave_out('may not have mounts of its own') if system "@command true 2>/dev/null";
	$ENV{OWN_MOUNTS} = 1;
	exec @command, $^X, '-Itests/lib', $0, @ARGV or die "$command[0]: $!\n";
}

# Makes and mounts one; leaves the test out where that cannot be.  Named arguments:
#   megabytes   how big, 0.5 say (more where this kind has to be bigger)
#   make        array: more flags for the program that makes it
#   options     for mount(8)
#   on          another FileSystem, where the file with its blocks is; it can clone files
sub new {
	my ($class, $kind, %with) = @_;
	my $how = $KINDS{$kind};
	my $megabytes = $with{megabytes} || 0;
	$megabytes = $how->{least} if $megabytes < $how->{least};
	my $directory = new_directory();
	chmod 0711, $directory;
	my $self = bless { kind => $kind, directory => $directory, path => "$directory/mounted", owner => $$,
	    options => $with{options}, on => $with{on} }, $class;
	mkdir $self->{path} or die "$self->{path}: $!\n";
	if ($how->{make}) {
		$self->{image} = ($with{on} ? $with{on}{path} : $directory) . "/image.$kind";
		my ($program, @flags) = @{$how->{make}};
		$program = MailTest::need($program, $how->{package});
		open my $image, '>', $self->{image} or die "$self->{image}: $!\n";
		truncate $image, $megabytes << 20 or die "$self->{image}: $!\n";
		close $image;
		system_quietly($program, @flags, @{$with{make} || []}, $self->{image}) == 0 or die "$program: $?\n";
	} else {
		$self->{options} = join ',', 'size=' . int($megabytes * 1024) . 'k', 'mode=0755', $with{options} || ();
	}
	MailTest::leave_out("may not mount $kind" . ($how->{make} ? ' on a loop device' : '')) unless $self->mount;
	return $self;
}

sub kind {
	my ($self) = @_;
	return $self->{kind};
}

# Where it is mounted.
sub path {
	my ($self) = @_;
	return $self->{path};
}

sub system_quietly {
	my (@command) = @_;
	return system '/bin/sh', '-c', 'exec "$@" >/dev/null 2>&1', 'sh', @command;
}

# Whether it could be mounted, with these options or those that it has always.
sub mount {
	my ($self, $options) = @_;
	my @options = grep { defined } $options || $self->{options};
	unshift @options, 'loop' if $self->{image};
	my @with = @options ? ('-o', join ',', @options) : ();
	return $self->{mounted} = !system_quietly('mount', '-t', $self->{kind}, @with, $self->{image} || 'tmpfs', $self->{path});
}

# Changes options of what is mounted.
sub remount {
	my ($self, $options) = @_;
	system('mount', '-o', "remount,$options", $self->{path}) == 0 or die "remount $options: $?\n";
}

# A program that has just ended may be in the way for a moment.
sub unmount {
	my ($self) = @_;
	return unless $self->{mounted};
	MailTest::wait_until { !system_quietly('umount', $self->{path}) } or die "umount $self->{path}: it is in use\n";
	$self->{mounted} = 0;
}

# The power is cut: from now on nothing reaches the disk, and what has not reached it is
# lost.  Where a file system cannot do this, a copy of all its blocks, as they are at this
# moment, takes their place in restore_power().
sub cut_power {
	my ($self) = @_;
	if (!$self->{on}) {
		my $flags = pack 'I', $WITHOUT_LOG;
		open my $top, '<', $self->{path} or die "$self->{path}: $!\n";
		ioctl $top, $SHUTDOWN, $flags or die "cannot shut down $self->{kind}: $!\n";
		return;
	}
	open my $image, '<', $self->{image} or die "$self->{image}: $!\n";
	open my $copy, '+>', "$self->{image}.cut" or die "$self->{image}.cut: $!\n";
	ioctl $copy, $CLONE, fileno $image or die "cannot clone: $!\n";
}

# Mounts it again after cut_power(), as the machine does when it starts.
sub restore_power {
	my ($self) = @_;
	$self->unmount;
	if ($self->{on}) {
		rename "$self->{image}.cut", $self->{image} or die "$self->{image}.cut: $!\n";
	}
	$self->mount or die "mount $self->{image}: $?\n";
}

sub DESTROY {
	my ($self) = @_;
	return if $$ != $self->{owner};
	local ($?, $@, $!);
	system_quietly('umount', '-l', $self->{path}) if $self->{mounted};
	remove_directory($self->{directory});
}

1;
